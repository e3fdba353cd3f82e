import { randomUUID } from "node:crypto";
import type { Session } from "../session.ts";
import { waitFor } from "../stack/wait-for.ts";
import { type Clinic, createClinic } from "../tests/support/clinic.ts";
import { consumeBare } from "./bare-consumer.ts";
import { message } from "./outbox-events.ts";
import { publishAll } from "./publish-all.ts";

export interface ConsumeLoad {
  /** For each job, in each measurement. */
  events: number;
  rounds: number;
  jobs: readonly string[];
}

export const queues: Record<string, string> = {
  analytics: "apt.created.queue",
  audit: "apt.audit.queue",
  availability: "apt.availability.queue",
  calendar: "apt.calendar.queue",
  notifications: "apt.notifications.queue",
};

/** Nobody answers there, so the senders leave alone what the jobs want to be sent. */
const nowhere = "127.0.0.1:9";

/** Settings under which nothing leaves the consumer. */
export const unreachable = {
  SMTP_URL: `smtp://${nowhere}`,
  CALDAV_URL: `http://${nowhere}`,
  SMS_URL: `http://${nowhere}`,
  LOG_LEVEL: "info",
  OTEL_EXPORTER_OTLP_ENDPOINT: "",
};

/** As many events as a queue holds, of appointments of their own, a second with everything committed. */
export async function measureConsume({ events, rounds, jobs }: ConsumeLoad, { report, releases, signal }: Session) {
  const clinic = await createClinic({ withoutTopology: true });
  releases.add("the clinic", clinic.remove);
  const env = {
    // Of a user that may declare the exchange, too.
    AMQP_URL: clinic.amqp,
    QUEUE_MAX_LENGTH: String(10 * events),
    ...unreachable,
  };
  await makeKnown(clinic, env, signal);

  const names = [...jobs, "bare", "bare with a transaction of two inserts"];
  const rates: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  const measure: Record<string, () => Promise<number>> = {
    bare: () => consumeBare(clinic.amqp, events, undefined),
    "bare with a transaction of two inserts": () => consumeBare(clinic.amqp, events / 5, clinic.consumerSql),
  };
  for (const job of jobs) measure[job] = () => consumeOwn(clinic, job, { ...env, JOBS: job }, bookings(events), signal);
  for (let round = 0; round < rounds; round++) {
    // In another order each time.
    for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
      signal.throwIfAborted();
      report(`round ${round + 1} of ${rounds}: ${name}`);
      rates[name]!.push(await measure[name]!());
    }
  }
  return rates;
}

const doctor = {
  eventName: "doctor.updated",
  aggregateId: "dr-lovelace",
  timestamp: "2026-11-23T07:00:00.000Z",
  version: 1,
  eventId: randomUUID(),
  aggregateVersion: 1,
  payload: {
    name: "Dr. Ada Lovelace",
    email: "lovelace@clinic.example",
    phone: "+491701234567",
    timeZone: "Europe/Berlin",
    workingHours: [],
    exceptions: [],
  },
};

/** Declares the queues, and tells of the doctor. */
export async function makeKnown(clinic: Clinic, env: Record<string, string>, signal: AbortSignal): Promise<void> {
  const service = await clinic.startConsumer({ env });
  await publishAll(clinic.amqp, queues["notifications"]!, [doctor]);
  const isKnown = async () => (await clinic.consumerSql`select from notification_doctors`).length > 0;
  await waitFor("the doctor to be known", isKnown, { timeoutMs: 60_000, signal });
  await service.stop("SIGTERM");
}

export function bookings(count: number): object[] {
  const event = JSON.parse(message.content.toString()) as object;
  return Array.from({ length: count }, () => ({ ...event, aggregateId: randomUUID(), eventId: randomUUID() }));
}

/** From the first transaction's begin to the last one's, without what the first took. */
export async function consumeOwn(
  { amqp, consumerSql: sql, startConsumer }: Clinic,
  job: string,
  env: Record<string, string>,
  events: readonly object[],
  signal: AbortSignal,
): Promise<number> {
  const [row] = await sql<[{ now: Date }]>`select clock_timestamp() as now`;
  await publishAll(amqp, queues[job]!, events);
  const service = await startConsumer({ env });
  const processed = async () => {
    const [{ count }] = await sql<[{ count: number }]>`
      select count(*)::int as count from inbox where job = ${job} and processed_at > ${row.now}`;
    return count === events.length;
  };
  await waitFor(`${job} to have everything`, processed, { timeoutMs: 600_000, intervalMs: 500, signal });
  await service.stop("SIGTERM");
  const [measured] = await sql<[{ rate: number }]>`
    with batch as (
      select processed_at, count(*)::int as size from inbox
      where job = ${job} and processed_at > ${row.now} group by processed_at
    ), span as (select min(processed_at) as first, max(processed_at) as last, sum(size) as total from batch)
    select ((total - size) / extract(epoch from last - first))::float8 as rate
    from span join batch on batch.processed_at = span.first`;
  return measured.rate;
}
