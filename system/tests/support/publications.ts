import { connect } from "amqplib";

/** Counts how often the broker got each event, by its id. */
export async function countPublications(amqpUrl: string) {
  const connection = await connect(amqpUrl);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "appointments.ex", "#");
  const counts = new Map<string, number>();
  await channel.consume(queue, (message) => {
    const id = String(message?.properties.messageId);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }, { noAck: true });
  return { counts, stop: () => connection.close() };
}
