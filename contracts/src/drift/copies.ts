import { setTimeout as delay } from "node:timers/promises";
import { connect } from "amqplib";
import { type Contract, sentEvents } from "../contract.ts";
import type { Part } from "./parts.ts";
import { type Drift, drift } from "./topology-drifts.ts";

/**
 * Messages that are published under a key which nobody described, or copied by CC to a further one. They are looked at
 * through a queue that goes with this connection, which the firehose would not: it stays on for all, and costs each
 * message. A copy by BCC leaves no trace in what a queue gets.
 */
export async function copyDrifts(
  amqpUrl: string,
  contract: Contract,
  parts: Map<string, Part>,
  seconds: number,
): Promise<{ drifts: Drift[]; watched: number }> {
  const described = new Set(sentEvents(contract).map(({ routingKey }) => routingKey));
  const sources = [...parts].filter(([, { role }]) => role === "events");
  const found = new Map<string, Drift>();
  let watched = 0;
  const connection = await connect(amqpUrl);
  try {
    const channel = await connection.createChannel();
    for (const [source, part] of sources) {
      const limits = { "x-max-length": 1000, "x-overflow": "drop-head" };
      const { queue } = await channel.assertQueue("", { exclusive: true, durable: false, arguments: limits });
      await channel.bindQueue(queue, source, "#");
      const add = (at: string, what: string, lost: string) => found.set(`${at} ${what}`, drift(at, what, lost, part));
      await channel.consume(queue, (message) => {
        if (message === null) return;
        watched++;
        const { routingKey: key } = message.fields;
        const copies = [message.properties.headers?.["CC"] ?? []].flat().map(String);
        if (copies.length > 0) {
          add(
            `messages ${key}`,
            `are copied by CC to ${copies.join(", ")}`,
            "nothing, but whoever is bound to that key gets what was not meant for it",
          );
        } else if (!described.has(key)) {
          add(
            `messages ${key}`,
            "are published under a key that is described nowhere",
            "they reach no job that knows them",
          );
        }
      }, { noAck: true });
    }
    await delay(seconds * 1000);
  } finally {
    await connection.close();
  }
  return { drifts: [...found.values()], watched };
}
