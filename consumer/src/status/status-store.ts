import type { JSONValue, Sql } from "postgres";
import { countUnfinishedEntries } from "../jobs/calendar/unfinished-entries.ts";
import { countUnfinishedSends } from "../jobs/notifications/unfinished-sends.ts";
import { countDeadLetters } from "../delivery/dead-letters/dead-letter-counts.ts";
import type { PruneBatch } from "../postgres/retention.ts";
import type { Observations, ProcessState, ProcessStatus } from "./status.ts";

export type StoredStatus =
  & Pick<Observations, "intents" | "deadLetters" | "reminders" | "seals" | "processes">
  & { perMinute: Record<string, number>; delayedAge: Record<string, number> };

/** All that the database knows of how things stand; each statement reads an index of what is not finished. */
export async function readStored(sql: Sql, now: Date): Promise<StoredStatus> {
  const minuteAgo = new Date(now.getTime() - 60_000);
  const [sends, entries, deadLetters, [reminders], [seals], handled, delays, processes] = await Promise.all([
    countUnfinishedSends(sql),
    countUnfinishedEntries(sql),
    countDeadLetters(sql),
    sql<[{ waiting: number; overdue: number; nextAt: Date | null }]>`
      select count(*)::integer as waiting, (count(*) filter (where due_at < ${minuteAgo}))::integer as overdue,
        min(due_at) as "nextAt" from notification_reminders`,
    sql<[{ waiting: number; oldestAgeSeconds: number; position: number }]>`
      select count(*)::integer as waiting,
        coalesce(extract(epoch from ${now}::timestamptz - min(occurred_at) filter (where job <> 'audit')), 0)
          ::double precision as "oldestAgeSeconds",
        coalesce((select max(position) from audit_chain), 0)::integer as position
      from (select outcome_id from audit_unsealed order by outcome_id limit 10000) as unsealed
        join audit_outcomes on id = outcome_id`,
    sql<{ job: string; count: number }[]>`
      select job, count(*)::integer as count from inbox where processed_at > ${minuteAgo} group by job`,
    sql<{ job: string; age: number }[]>`
      select job, extract(epoch from ${now}::timestamptz - min(first_at))::double precision as age
      from delivery_delays where next_at > ${minuteAgo}
        and not exists (select from inbox where inbox.job = delivery_delays.job and inbox.event_key = delivery_delays.event_key)
        and not exists (
          select from dead_letters as letter
          where letter.job = delivery_delays.job and letter.event_key = delivery_delays.event_key
            and letter.stored_at >= delivery_delays.last_at)
      group by job`,
    sql<(Omit<ProcessStatus, "startedAt" | "seenAt"> & { startedAt: Date; seenAt: Date })[]>`
      select process_id as id, started_at as "startedAt", seen_at as "seenAt", jobs, state,
        extract(epoch from clock_timestamp() - seen_at)::double precision as "seenSecondsAgo" from ops_processes
      where seen_at > clock_timestamp() - interval '1 hour' order by started_at`,
  ]);
  return {
    intents: [...sends, ...entries],
    deadLetters,
    reminders: { ...reminders, nextAt: reminders.nextAt?.toISOString() ?? null },
    seals,
    perMinute: Object.fromEntries(handled.map(({ job, count }) => [job, count])),
    delayedAge: Object.fromEntries(delays.map(({ job, age }) => [job, age])),
    processes: processes.map((process) => ({
      ...process,
      startedAt: process.startedAt.toISOString(),
      seenAt: process.seenAt.toISOString(),
    })),
  };
}

export interface Heartbeat {
  id: string;
  startedAt: Date;
  jobs: readonly string[];
  state: ProcessState;
}

/** By PostgreSQL's clock: a process whose own is wrong would look silent. */
export async function noteProcess(sql: Sql, { id, startedAt, jobs, state }: Heartbeat): Promise<void> {
  await sql`
    insert into ops_processes (process_id, started_at, seen_at, jobs, state)
    values (${id}, ${startedAt}, clock_timestamp(), ${[...jobs]}, ${sql.json(state as unknown as JSONValue)})
    on conflict (process_id) do update set seen_at = excluded.seen_at, state = excluded.state`;
}

export async function forgetProcess(sql: Sql, id: string): Promise<void> {
  await sql`delete from ops_processes where process_id = ${id}`;
}

/** What a chart shows of a minute. */
export interface Sample {
  /** By job. */
  ready: Record<string, number>;
  delayed: Record<string, number>;
  perMinute: Record<string, number>;
  /** Sends and calendar entries that wait. */
  pending: number;
  deadLetters: number;
  /** Null where nobody knows. */
  outbox: number | null;
}

/** False when another process has taken this minute's. */
export async function isSampleDue(sql: Sql, minute: Date): Promise<boolean> {
  const rows = await sql`select from ops_samples where taken_at = ${minute}`;
  return rows.length === 0;
}

export async function addSample(sql: Sql, minute: Date, sample: Sample): Promise<void> {
  await sql`
    insert into ops_samples (taken_at, sample) values (${minute}, ${sql.json(sample as unknown as JSONValue)})
    on conflict do nothing`;
}

export async function readSamples(sql: Sql, since: Date): Promise<(Sample & { at: string })[]> {
  const rows = await sql<{ at: Date; sample: Sample }[]>`
    select taken_at as at, sample from ops_samples where taken_at >= ${since} order by taken_at`;
  return rows.map(({ at, sample }) => ({ at: at.toISOString(), ...sample }));
}

export const pruneStatus: readonly PruneBatch[] = [
  (sql, before, limit) =>
    sql`delete from ops_processes where process_id in (
      select process_id from ops_processes where seen_at < ${before} limit ${limit})`,
  // Nothing shows more than the last hour.
  (sql, _before, limit) =>
    sql`delete from ops_samples where taken_at in (
      select taken_at from ops_samples where taken_at < now() - interval '2 days' limit ${limit})`,
];
