import type { Sql } from "postgres";
import { createGroupCommit } from "../../outgoing/group-commit.ts";
import { appendAudits } from "../audit/audit-log.ts";
import type { CalendarIntent } from "./calendar-intents.ts";
import { type ClaimKey, keyOf, requireClaim } from "./claim.ts";

/** How a claim ends; what is absent stays as it is. */
export interface IntentEnd {
  /** Unless something else is wanted since. */
  state?: "done" | "conflict" | "failed";
  sent?: null;
  written?: string | null;
  etag?: string | null;
  attempts?: number;
  error: string | null;
  /** Until the next attempt. */
  delayMs?: number;
  /** What the audit trail says, if anything, and why. */
  action?: string;
  reason?: string;
}

/** Ends claims, those that end together in one transaction. Throws a ClaimLost when somebody else holds it by now. */
export function createEndRecorder(sql: Sql): (intent: CalendarIntent, end: IntentEnd) => Promise<void> {
  const record = createGroupCommit<{ intent: CalendarIntent; end: IntentEnd }, boolean>((ends) => {
    const rows = ends.map(({ intent: { appointmentId, doctorId, claim, revision }, end }) => ({
      appointmentId,
      doctorId,
      claim,
      revision,
      ...end,
      vacates: end.sent === null,
      writes: end.written !== undefined,
    }));
    return sql.begin(async (transaction) => {
      const ended = await transaction<ClaimKey[]>`
        update calendar_intents as intent set
          claim = null, leased_until = null, last_error = one.error,
          sent = case when one.vacates then null else intent.sent end,
          written = case when one.writes then one.written else intent.written end,
          etag = case when one.writes then one.etag else intent.etag end,
          attempts = coalesce(one.attempts, intent.attempts),
          next_attempt_at = coalesce(now() + one."delayMs" * interval '1 millisecond', intent.next_attempt_at),
          state = case when intent.revision = one.revision then coalesce(one.state, intent.state) else intent.state end
        from jsonb_to_recordset(${transaction.json(rows)}) as one (
          "appointmentId" uuid, "doctorId" text, claim uuid, revision integer, vacates boolean, writes boolean,
          written text, etag text, attempts integer, error text, "delayMs" double precision, state text)
        where intent.appointment_id = one."appointmentId" and intent.doctor_id = one."doctorId"
          and intent.claim = one.claim
        returning intent.appointment_id as "appointmentId", intent.doctor_id as "doctorId"`;
      const held = new Set(ended.map(keyOf));
      await appendAudits(
        transaction,
        ends.flatMap(({ intent, end }) =>
          end.action && held.has(keyOf(intent)) ? [auditOf(intent, end.action, end.reason)] : []
        ),
      );
      return ends.map(({ intent }) => held.has(keyOf(intent)));
    });
  });

  return async (intent, end) => requireClaim(intent, await record({ intent, end }));
}

function auditOf(intent: CalendarIntent, action: string, reason?: string) {
  return {
    occurredAt: new Date(),
    job: "calendar",
    action,
    eventKey: intent.eventKey ?? undefined,
    aggregateId: intent.appointmentId,
    correlationId: intent.correlationId ?? undefined,
    detail: { doctorId: intent.doctorId, revision: intent.revision, ...(reason !== undefined && { reason }) },
  };
}
