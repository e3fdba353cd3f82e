import { Buffer } from "node:buffer";
import { connect } from "amqplib";
import type { Clinic } from "../tests/support/clinic.ts";
import { evenly } from "./evenly.ts";

const queue = "bench.effect";

/**
 * Milliseconds from a row's commit to that of the row which its event became: inserted, published with a confirm to a
 * quorum queue, consumed, inserted, with nothing else.
 */
export async function measureBareEffect(
  { amqp, producerSql, consumerSql }: Clinic,
  { rate, seconds }: { rate: number; seconds: number },
): Promise<number[]> {
  for (const sql of [producerSql, consumerSql]) {
    await sql`DROP TABLE IF EXISTS bench_events`;
    await sql`CREATE TABLE bench_events (n integer PRIMARY KEY, body text NOT NULL)`;
  }
  const connection = await connect(amqp, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.prefetch(300);
  const count = rate * seconds;
  const body = "x".repeat(600);
  const all = new Promise<void>((resolve, reject) => {
    let done = 0;
    channel.consume(queue, (delivered) => {
      if (!delivered) return reject(new Error("the broker cancelled the consumer"));
      const n = Number(delivered.properties.messageId);
      consumerSql`INSERT INTO bench_events VALUES (${n}, ${delivered.content.toString()})`.then(() => {
        channel.ack(delivered);
        if (++done === count) resolve();
      }, reject);
    }).catch(reject);
  });
  await evenly(rate, count, async (n) => {
    await producerSql`INSERT INTO bench_events VALUES (${n}, ${body})`;
    await new Promise<void>((resolve, reject) => {
      const options = { persistent: true, messageId: String(n) };
      channel.sendToQueue(queue, Buffer.from(body), options, (error) => error ? reject(error) : resolve());
    });
  });
  await all;
  await channel.deleteQueue(queue);
  await connection.close();
  const [sent, came] = await Promise.all([producerSql, consumerSql].map((sql) =>
    sql<{ at: number }[]>`
      SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 * 1000 AS at FROM bench_events ORDER BY n`
  ));
  return came!.map(({ at }, n) => at - sent![n]!.at);
}
