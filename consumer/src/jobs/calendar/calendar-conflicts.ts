import type { Sql } from "postgres";
import { appendAudit } from "../audit/audit-log.ts";

/** An entry that the sender gave up: someone else changed it, or the server kept refusing it. */
export interface UnsettledEntry {
  appointmentId: string;
  doctorId: string;
  state: "conflict" | "failed";
  /** What the system wants there. */
  wanted: "entry" | "no entry";
  reason: string;
}

/** Which entry a person decides about, and who it is. */
export interface Decision {
  appointmentId: string;
  doctorId: string;
  actor: string;
  now: Date;
}

export async function listUnsettled(sql: Sql): Promise<UnsettledEntry[]> {
  return await sql<UnsettledEntry[]>`
    select appointment_id as "appointmentId", doctor_id as "doctorId", state,
      case when content is null then 'no entry' else 'entry' end as wanted, last_error as reason
    from calendar_intents where state in ('conflict', 'failed')
    order by appointment_id, doctor_id`;
}

/** The name under which the calendar has, or would have, an unsettled entry; undefined when there is no such entry. */
export async function findUnsettledResource(
  sql: Sql,
  { appointmentId, doctorId }: Pick<Decision, "appointmentId" | "doctorId">,
): Promise<string | undefined> {
  const [row] = await sql<{ resource: string }[]>`
    select coalesce(resource, appointment_id::text) as resource from calendar_intents
    where appointment_id = ${appointmentId} and doctor_id = ${doctorId} and state in ('conflict', 'failed')`;
  return row?.resource;
}

/** Lets the sender write over what the calendar has now. False when there is no such unsettled entry. */
export async function overwriteEntry(
  sql: Sql,
  decision: Decision,
  found: { content: string; etag: string | null } | undefined,
): Promise<boolean> {
  return await settle(sql, decision, "overwrite ordered", {
    state: "pending",
    etag: found?.etag ?? null,
    written: found?.content ?? null,
  });
}

/** Leaves the calendar as it is, until the visit moves again. False when there is no such unsettled entry. */
export async function leaveEntry(sql: Sql, decision: Decision): Promise<boolean> {
  return await settle(sql, decision, "left as it is", { state: "done" });
}

async function settle(
  sql: Sql,
  { appointmentId, doctorId, actor, now }: Decision,
  action: string,
  change: { state: "pending" | "done"; etag?: string | null; written?: string | null },
): Promise<boolean> {
  return await sql.begin(async (transaction) => {
    const { count } = await transaction`
      update calendar_intents set ${transaction({ ...change, sent: null, attempts: 0, last_error: null })},
        next_attempt_at = now()
      where appointment_id = ${appointmentId} and doctor_id = ${doctorId} and state in ('conflict', 'failed')`;
    if (count === 0) return false;
    const detail = { doctorId };
    await appendAudit(transaction, {
      occurredAt: now,
      job: "calendar",
      action,
      aggregateId: appointmentId,
      actor,
      detail,
    });
    return true;
  });
}
