import { connect } from "amqplib";
import type { Session } from "../session.ts";
import { StackError } from "../stack/stack-error.ts";
import { waitFor } from "../stack/wait-for.ts";
import { type Clinic, createClinic } from "../tests/support/clinic.ts";
import { publishBare } from "./bare-confirms.ts";
import { median, medianRatio, rounded, takeTurns } from "./compare.ts";
import { fillOutbox } from "./outbox-events.ts";

export const exchangeOfEvents = "appointments.ex";
const queue = "bench.relay";

/** How many events a second the relay publishes from a full outbox, beside raw confirms to the same exchange and queue. */
export async function measureRelayRate(
  { events, rounds, window }: { events: number; rounds: number; window: number },
  { report, releases, signal }: Session,
) {
  const clinic = await createClinic({ withoutTopology: true });
  releases.add("the clinic", clinic.remove);
  await clinic.startProducer();
  const connection = await connect(clinic.amqp);
  releases.add("the bench's connection", () => connection.close());
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.bindQueue(queue, exchangeOfEvents, "#");

  const measurements = {
    relay: async () => {
      const rate = await relayedRate(clinic, events, signal);
      await channel.purgeQueue(queue);
      return rate;
    },
    bare: async () => {
      const rate = await publishBare(clinic.amqp, exchangeOfEvents, events, window);
      await channel.purgeQueue(queue);
      return rate;
    },
  };
  const found = await takeTurns(rounds + 1, measurements, (round, name) => {
    signal.throwIfAborted();
    report(round === 1 ? `warming up: ${name}` : `round ${round - 1} of ${rounds}: ${name}`);
  });
  const [own, bare] = [found.relay.slice(1), found.bare.slice(1)];
  return {
    "one queue, events a second": {
      "this": rounded(median(own)),
      [`bare confirms, window ${window}`]: rounded(median(bare)),
      ratio: rounded(medianRatio(own, bare), 2),
    },
  };
}

/** Between the first batch that is stored as confirmed and the last. */
export async function relayedRate(
  { producerSql: sql }: Clinic,
  events: number,
  signal: AbortSignal,
  body?: object,
): Promise<number> {
  await sql`TRUNCATE outbox_archive`;
  await fillOutbox(sql, events, body);
  const isEmpty = async () => (await sql`SELECT FROM outbox LIMIT 1`).length === 0;
  await waitFor("the outbox to be empty", isEmpty, { timeoutMs: 600_000, signal });
  const [row] = await sql<{ rate: number | null }[]>`
    WITH batch AS (SELECT published_at, count(*)::int AS size FROM outbox_archive GROUP BY published_at),
      span AS (SELECT min(published_at) AS first, max(published_at) AS last, sum(size) AS total FROM batch)
    SELECT ((total - size) / nullif(extract(epoch FROM last - first), 0))::float8 AS rate
    FROM span JOIN batch ON batch.published_at = span.first`;
  if (!row?.rate) throw new StackError(`${events} events were too few batches to tell a rate: ask for more --events`);
  return row.rate;
}
