import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { connect } from "amqplib";
import postgres from "postgres";
import { waitFor } from "../stack/wait-for.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { Scene } from "./scene.ts";

const mark = "rehearsal-of-poison-";

async function letters({ stack }: Scene): Promise<string[]> {
  const sql = postgres(stack.consumerDatabase, { max: 1, onnotice: () => {} });
  try {
    const rows = await sql<{ id: string }[]>`
      SELECT id FROM dead_letters WHERE state = 'stored' AND event_key LIKE ${`${mark}%`}`;
    return rows.map(({ id }) => id);
  } finally {
    await sql.end();
  }
}

export const poison: Rehearsal = {
  name: "poison",
  title: "somebody publishes a message that no job can read",
  notice: "nothing at first, but the operations page turns red",
  async cause(scene) {
    const connection = await connect(scene.stack.amqp);
    try {
      const channel = await connection.createConfirmChannel();
      const messageId = mark + randomBytes(6).toString("hex");
      channel.publish("appointments.ex", "appointment.created", Buffer.from("no JSON"), {
        messageId,
        persistent: true,
      });
      await channel.waitForConfirms();
    } finally {
      await connection.close();
    }
    await waitFor("every job to give it up", async () => (await letters(scene)).length === 5, { timeoutMs: 30_000 });
  },
  async undo(scene) {
    for (const id of await letters(scene)) await scene.consumer("dlq", "discard", id, "--why", "it was a rehearsal");
  },
};
