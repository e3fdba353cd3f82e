import { Buffer } from "node:buffer";
import { type ConfirmChannel, connect } from "amqplib";
import { waitFor } from "../stack/wait-for.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { Scene } from "./scene.ts";

const queue = "apt.created.queue";
const otherJobs = "notifications,availability,audit,calendar";
const window = 500;
/** Far beyond what a queue holds. */
const maxCopies = 100_000;

interface Archived {
  eventId: string;
  body: string;
}

/** The event of a visit as it was published. */
async function publishedEvent({ stack, book }: Scene): Promise<Archived> {
  const from = new Date(Date.now() - 1_000).toISOString();
  const aggregateId = await book();
  const query = new URLSearchParams({ from, aggregateId });
  const find = async () => {
    const response = await fetch(`${stack.api}/ops/archive?${query}`, { headers: { "x-api-key": stack.apiKey } });
    return (await response.json() as { items: Archived[] }).items[0];
  };
  return await waitFor("the event of a booking to be published", find, { timeoutMs: 30_000 });
}

/** Until the queue refuses. Copies of one event: the job's inbox recognises each, so nothing is counted twice. */
async function fill(channel: ConfirmChannel, { eventId, body }: Archived): Promise<void> {
  let refused = 0;
  const properties = {
    persistent: true,
    contentType: "application/json",
    messageId: eventId,
    type: "appointment.created",
  };
  for (let copies = 0; refused === 0 && copies < maxCopies; copies += window) {
    await Promise.all(
      Array.from({ length: window }, () =>
        new Promise<void>((resolve) => {
          channel.sendToQueue(queue, Buffer.from(body), properties, (error) => {
            if (error) refused++;
            resolve();
          });
        })),
    );
  }
  if (refused === 0) throw new Error(`${queue} took ${maxCopies} messages and is not full`);
}

export const queueFull: Rehearsal = {
  name: "queue-full",
  title: "no process runs a job, whose queue has filled up",
  notice: "new bookings are missing in the statistics, and their events gather in the producer's outbox",
  async cause(scene) {
    const event = await publishedEvent(scene);
    await scene.restart("consumer", { JOBS: otherJobs });
    const connection = await connect(scene.stack.amqp);
    try {
      await fill(await connection.createConfirmChannel(), event);
    } finally {
      await connection.close();
    }
    await scene.book();
  },
  undo: (scene) => scene.restart("consumer"),
};
