import { randomUUID } from "node:crypto";
import { connect, type ConsumeMessage } from "amqplib";
import type { Sql } from "postgres";
import { message } from "./outbox-events.ts";
import { publishAll } from "./publish-all.ts";

const queue = "bench.consume";

/**
 * What the jobs are measured against: a consumer that acknowledges each message of a quorum queue, prefetch 300; or one
 * that does so after a transaction of two inserts, with ten connections. Answers how many a second.
 */
export async function consumeBare(amqpUrl: string, count: number, sql: Sql | undefined): Promise<number> {
  const connection = await connect(amqpUrl, { noDelay: true });
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
  const event = JSON.parse(message.content.toString()) as object;
  await publishAll(amqpUrl, queue, Array.from({ length: count }, () => ({ ...event, eventId: randomUUID() })));
  if (sql) {
    await sql`
      create table if not exists bench_inbox (event_id text primary key, processed_at timestamptz default now())`;
    await sql`create table if not exists bench_effects (event_id text, body jsonb)`;
  }
  const handle = async (delivered: ConsumeMessage) => {
    if (sql) {
      const body = JSON.parse(delivered.content.toString()) as { eventId: string };
      await sql.begin(async (transaction) => {
        await transaction`insert into bench_inbox (event_id) values (${body.eventId})`;
        await transaction`insert into bench_effects (event_id, body) values (${body.eventId}, ${body as never})`;
      });
    }
    channel.ack(delivered);
  };
  await channel.prefetch(300);
  let started = 0;
  let done = 0;
  await new Promise<void>((resolve, reject) => {
    const take = (delivered: ConsumeMessage | null) => {
      if (!delivered) return reject(new Error("the broker cancelled the consumer"));
      if (started === 0) started = performance.now();
      handle(delivered).then(() => {
        if (++done === count) resolve();
      }, reject);
    };
    channel.consume(queue, take).catch(reject);
  });
  const rate = count / (performance.now() - started) * 1_000;
  await channel.deleteQueue(queue);
  await connection.close();
  return rate;
}
