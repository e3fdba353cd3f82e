import { connect } from "amqplib";
import type { Rehearsal } from "./rehearsal.ts";
import type { Scene } from "./scene.ts";

async function isAway({ stack }: Scene): Promise<boolean> {
  try {
    await (await connect(stack.amqp)).close();
    return false;
  } catch {
    return true;
  }
}

export const brokerAway: Rehearsal = {
  name: "broker-away",
  title: "RabbitMQ is stopped",
  notice: "bookings succeed and have no effect: no mail, no calendar entry",
  async cause(scene) {
    await scene.stop("rabbitmq");
    await scene.book();
  },
  // Whoever has mended it need not wait for another start.
  undo: async (scene) => await isAway(scene) ? await scene.restart("rabbitmq") : undefined,
};
