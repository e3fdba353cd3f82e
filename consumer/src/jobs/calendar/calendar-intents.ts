import { randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import type { Worker } from "../../outgoing/worker.ts";
import { appendAudit } from "../audit/audit-log.ts";

/** One entry that a doctor's calendar should have, or should have no more. */
export interface CalendarIntent {
  appointmentId: string;
  doctorId: string;
  /** Where the entry is kept in the calendar; the appointment's id, unless somebody else's entry has that name. */
  resource: string;
  /** Of the one who holds it. */
  claim: string;
  /** The wanted iCalendar object; null when there should be none. */
  content: string | null;
  revision: number;
  /** What a request that was never answered tried to write; "" for a removal, null when there is no such request. */
  sent: string | null;
  /** What the calendar holds, as far as its answers told, and the ETag of that. */
  written: string | null;
  etag: string | null;
  /** The event that wants it so; null for an intent from before this was kept. */
  eventKey: string | null;
  correlationId: string | null;
  attempts: number;
}

/** The lease ran out, and another sender has taken the intent since: nothing was recorded. */
export class ClaimLost extends Error {
  override name = "ClaimLost";
}

/** What a claimed intent comes to. All but `claim` throw a ClaimLost when somebody else holds it by now. */
export interface CalendarIntents {
  /** When the next one is to be claimed. */
  dueIn: Worker["dueIn"];
  claim(limit: number, leaseMs: number): Promise<CalendarIntent[]>;
  /** Notes, before a request leaves, what it tries to write. */
  noteSent(intent: CalendarIntent, content: string): Promise<void>;
  /** Notes that the calendar has nothing of this intent any more, and where it is to be written. */
  noteVacated(intent: CalendarIntent, resource: string): Promise<void>;
  /** The calendar is as `intent` wanted it; what was wanted since then stays pending. */
  complete(intent: CalendarIntent, etag: string | null, action: "written" | "removed" | undefined): Promise<void>;
  /** Gives an intent up until something else is wanted. */
  giveUp(intent: CalendarIntent, state: "conflict" | "failed", reason: string): Promise<void>;
  retryIn(intent: CalendarIntent, delayMs: number, attempts: number, reason: string): Promise<void>;
}

export function createCalendarIntents(sql: Sql): CalendarIntents {
  const milliseconds = (ms: number) => sql`${ms} * interval '1 millisecond'`;
  const one = ({ appointmentId, doctorId, claim }: CalendarIntent) =>
    sql`appointment_id = ${appointmentId} and doctor_id = ${doctorId} and claim = ${claim}`;
  const release = sql`claim = null, leased_until = null`;
  function requireClaim({ appointmentId, doctorId }: CalendarIntent, { count }: { count: number }): void {
    if (count === 0) {
      throw new ClaimLost(`the entry of ${appointmentId} for ${doctorId} was taken over by another sender`);
    }
  }
  const audit = (intent: CalendarIntent, action: string, reason?: string) => ({
    occurredAt: new Date(),
    job: "calendar",
    action,
    eventKey: intent.eventKey ?? undefined,
    aggregateId: intent.appointmentId,
    correlationId: intent.correlationId ?? undefined,
    detail: { doctorId: intent.doctorId, revision: intent.revision, ...(reason === undefined ? {} : { reason }) },
  });

  return {
    dueIn: (sql) =>
      sql`select extract(epoch from min(next_attempt_at) - now()) from calendar_intents where state = 'pending'`,

    async claim(limit, leaseMs) {
      return await sql<CalendarIntent[]>`
        update calendar_intents set claim = ${randomUUID()}, leased_until = now() + ${milliseconds(leaseMs)}
        where (appointment_id, doctor_id) in (
          select appointment_id, doctor_id from calendar_intents
          where state = 'pending' and next_attempt_at <= now() and (leased_until is null or leased_until < now())
          order by next_attempt_at
          limit ${limit}
          for update skip locked
        )
        returning appointment_id as "appointmentId", doctor_id as "doctorId",
          coalesce(resource, appointment_id::text) as resource, claim, content, revision, sent, written, etag,
          event_key as "eventKey", correlation_id as "correlationId", attempts`;
    },

    async noteSent(intent, content) {
      requireClaim(intent, await sql`update calendar_intents set sent = ${content} where ${one(intent)}`);
    },

    async noteVacated(intent, resource) {
      requireClaim(
        intent,
        await sql`
          update calendar_intents set resource = ${resource}, sent = null, written = null, etag = null
          where ${one(intent)}`,
      );
    },

    async complete(intent, etag, action) {
      await sql.begin(async (transaction) => {
        const completed = await transaction`
          update calendar_intents set
            ${release}, sent = null, written = ${intent.content}, etag = ${etag}, attempts = 0, last_error = null,
            state = case when revision = ${intent.revision} then 'done' else state end
          where ${one(intent)}`;
        requireClaim(intent, completed);
        if (action) await appendAudit(transaction, audit(intent, action));
      });
    },

    async giveUp(intent, state, reason) {
      await sql.begin(async (transaction) => {
        const givenUp = await transaction`
          update calendar_intents set
            ${release}, sent = null, last_error = ${reason},
            state = case when revision = ${intent.revision} then ${state} else state end
          where ${one(intent)}`;
        requireClaim(intent, givenUp);
        await appendAudit(transaction, audit(intent, state, reason));
      });
    },

    async retryIn(intent, delayMs, attempts, reason) {
      const putOff = await sql`
        update calendar_intents set
          ${release}, attempts = ${attempts}, last_error = ${reason}, next_attempt_at = now() + ${milliseconds(delayMs)}
        where ${one(intent)}`;
      requireClaim(intent, putOff);
    },
  };
}
