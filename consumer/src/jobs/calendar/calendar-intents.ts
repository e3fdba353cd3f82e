import { randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import type { Worker } from "../../outgoing/worker.ts";
import { createGroupCommit } from "../../outgoing/group-commit.ts";
import { type ClaimKey, keyOf, requireClaim } from "./claim.ts";
import { createEndRecorder } from "./end-recorder.ts";

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
  traceparent: string | null;
  attempts: number;
}

/** What a claimed intent comes to. Each note and each end throws a ClaimLost when somebody else holds it by now. */
export interface CalendarIntents {
  /** When the next one is to be claimed. */
  dueIn: Worker["dueIn"];
  claim(limit: number, leaseMs: number): Promise<CalendarIntent[]>;
  /** Gives claimed intents back that were not begun; those that somebody else holds by now stay theirs. */
  release(intents: CalendarIntent[]): Promise<void>;
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
  const end = createEndRecorder(sql);

  const note = createGroupCommit<{ intent: CalendarIntent; content: string }, boolean>(async (notes) => {
    const noted = await sql<ClaimKey[]>`
      update calendar_intents set sent = one.content
      from unnest(
        ${notes.map(({ intent }) => intent.appointmentId)}::uuid[], ${
      notes.map(({ intent }) => intent.doctorId)
    }::text[],
        ${notes.map(({ intent }) => intent.claim)}::uuid[], ${notes.map(({ content }) => content)}::text[]
      ) as one (appointment_id, doctor_id, claim, content)
      where calendar_intents.appointment_id = one.appointment_id and calendar_intents.doctor_id = one.doctor_id
        and calendar_intents.claim = one.claim
      returning calendar_intents.appointment_id as "appointmentId", calendar_intents.doctor_id as "doctorId"`;
    const held = new Set(noted.map(keyOf));
    return notes.map(({ intent }) => held.has(keyOf(intent)));
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
          event_key as "eventKey", correlation_id as "correlationId", traceparent, attempts`;
    },

    async release(intents) {
      await sql`
        update calendar_intents set claim = null, leased_until = null
        from unnest(
          ${intents.map(({ appointmentId }) => appointmentId)}::uuid[], ${
        intents.map(({ doctorId }) => doctorId)
      }::text[],
          ${intents.map(({ claim }) => claim)}::uuid[]
        ) as one (appointment_id, doctor_id, claim)
        where calendar_intents.appointment_id = one.appointment_id and calendar_intents.doctor_id = one.doctor_id
          and calendar_intents.claim = one.claim`;
    },

    async noteSent(intent, content) {
      requireClaim(intent, await note({ intent, content }));
    },

    async noteVacated(intent, resource) {
      const { count } = await sql`
        update calendar_intents set resource = ${resource}, sent = null, written = null, etag = null
        where ${one(intent)}`;
      requireClaim(intent, count > 0);
    },

    complete: (intent, etag, action) =>
      end(intent, {
        state: "done",
        sent: null,
        written: intent.content,
        etag,
        attempts: 0,
        error: null,
        ...(action && { action }),
      }),
    giveUp: (intent, state, reason) => end(intent, { state, sent: null, error: reason, action: state, reason }),
    retryIn: (intent, delayMs, attempts, reason) => end(intent, { attempts, error: reason, delayMs }),
  };
}
