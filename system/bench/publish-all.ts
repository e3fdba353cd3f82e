import { Buffer } from "node:buffer";
import { connect } from "amqplib";
import { message } from "./outbox-events.ts";

/** Puts the events into a queue, each confirmed. */
export async function publishAll(amqpUrl: string, queue: string, events: readonly object[]): Promise<void> {
  const connection = await connect(amqpUrl, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  for (const [n, event] of events.entries()) {
    const { eventId, eventName } = event as { eventId: string; eventName: string };
    const properties = { ...message.properties(n), messageId: eventId, type: eventName };
    channel.sendToQueue(queue, Buffer.from(JSON.stringify(event)), properties);
    if (n % 1_000 === 999) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
  await connection.close();
}
