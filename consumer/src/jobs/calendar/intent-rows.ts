import type { TransactionSql } from "postgres";
import { StaleReadError } from "../../postgres/failure-kind.ts";
import type { WantedBy } from "./calendar-store.ts";
import type { Entry } from "./wanted-entries.ts";

/** What a transaction has made of an intent. */
export interface KeptIntent extends Entry, WantedBy {
  appointmentId: string;
  /** How often something else was wanted, an intent that is new included. */
  revisions: number;
}

export async function loadIntents(
  sql: TransactionSql,
  appointmentIds: readonly string[],
): Promise<{ appointmentId: string; doctorId: string; content: string | null }[]> {
  return await sql<{ appointmentId: string; doctorId: string; content: string | null }[]>`
    select appointment_id as "appointmentId", doctor_id as "doctorId", content from calendar_intents
    where appointment_id = any(${[...appointmentIds]}::uuid[])
    order by appointment_id, doctor_id for update`;
}

function unnested(sql: TransactionSql, intents: readonly KeptIntent[]) {
  return sql`
    unnest(
      ${intents.map(({ appointmentId }) => appointmentId)}::uuid[],
      ${intents.map(({ doctorId }) => doctorId)}::text[], ${intents.map(({ content }) => content)}::text[],
      ${intents.map(({ revisions }) => revisions)}::integer[], ${intents.map(({ eventKey }) => eventKey)}::text[],
      ${intents.map(({ correlationId = null }) => correlationId)}::text[],
      ${intents.map(({ traceparent = null }) => traceparent)}::text[]
    ) as wanted (appointment_id, doctor_id, content, revisions, event_key, correlation_id, traceparent)`;
}

/** One that was changed since it was added has something to be done, if only to find that nothing is to be shown. */
export async function addIntents(sql: TransactionSql, intents: readonly KeptIntent[]): Promise<void> {
  const { count } = await sql`
    insert into calendar_intents (
      appointment_id, doctor_id, content, state, revision, event_key, correlation_id, traceparent
    )
    select appointment_id, doctor_id, content,
      case when content is null and revisions = 1 then 'done' else 'pending' end, revisions, event_key, correlation_id,
      traceparent
    from ${unnested(sql, intents)} order by appointment_id, doctor_id
    on conflict do nothing`;
  if (count < intents.length) throw new StaleReadError("A calendar entry was wanted meanwhile");
}

export async function changeIntents(sql: TransactionSql, intents: readonly KeptIntent[]): Promise<void> {
  await sql`
    update calendar_intents as intent set
      content = wanted.content, state = 'pending', revision = revision + wanted.revisions, attempts = 0,
      next_attempt_at = now(), wanted_at = case when state = 'pending' then wanted_at else now() end,
      event_key = wanted.event_key, correlation_id = wanted.correlation_id, traceparent = wanted.traceparent
    from ${unnested(sql, intents)}
    where intent.appointment_id = wanted.appointment_id and intent.doctor_id = wanted.doctor_id`;
}
