import { eventNames } from "../../generated/events.ts";
import type { NotificationsEvent } from "./event.ts";
import { PermanentError } from "../../delivery/permanent-error.ts";
import { createNotificationStore } from "./notification-store.ts";
import type { EventOf } from "../event-of.ts";
import { follows, positionOf } from "../../delivery/event-order.ts";
import { isTimeZone } from "../is-time-zone.ts";
import type { Decision, Job, JobContext, JobOutcome } from "../job.ts";
import { decideCreated, decideNext, type Decision as Decided } from "./decision.ts";
import { tellsOfErased } from "./erased-event.ts";
import type { MessageWriter } from "./message-writer.ts";
import { type SendOptions, sendsOf } from "./send.ts";
import { createWritableCheck } from "./require-writable.ts";
import type { Change, Known, Visit } from "./store.ts";
import { fromWhatWasTold, resetTo } from "./superseding.ts";
import { turnOf, type VisitEvent } from "./turn.ts";

export interface NotificationsDependencies extends SendOptions {
  /** How long before the visit the patient is reminded. */
  reminderLeadMinutes: number[];
  /** The one that the senders write with. */
  writer: MessageWriter;
}

const erased: JobOutcome = { kind: "ignored", reason: "the patient was erased", action: "erased" };

/** Tells patient and doctor of a visit's events, in their order, by rows of the send ledger; and sets the reminders. */
export function createNotificationsJob(
  dependencies: NotificationsDependencies,
): Job<NotificationsEvent, Known, Change> {
  const { calendars = false } = dependencies;
  const requireWritable = createWritableCheck(dependencies.writer);

  function remindersOf(visit: Visit, { reminders }: Decided, correlationId: string | undefined, now: Date) {
    if (reminders === "keep") return undefined;
    const leads = reminders === "set" ? dependencies.reminderLeadMinutes : [];
    const wanted = leads.map((leadMinutes) => {
      return { leadMinutes, dueAt: new Date(visit.startsAt.getTime() - leadMinutes * 60_000), correlationId };
    });
    return wanted.filter(({ dueAt }) => dueAt > now);
  }

  function changeBy(
    decided: Decided,
    event: VisitEvent,
    { invitedDoctors }: Known,
    { eventKey, now, traceparent }: JobContext,
  ): Decision<Change> {
    const { visit, messages, silenced } = decided;
    const { correlationId } = event;
    // Nobody was invited before the first event.
    const asks = calendars && event.eventName !== eventNames.appointmentCreated;
    const context = {
      eventKey,
      correlationId,
      traceparent,
      stamp: event.timestamp,
      now,
      ...(asks && { invitedDoctors }),
    };
    const sends = messages.flatMap((message) => sendsOf(message, context, dependencies));
    requireWritable(sends);
    return {
      outcome: { kind: "applied", detail: `${sends.length} to send`, intents: sends.length },
      change: { visit, now, sends, silenced, reminders: remindersOf(visit, decided, correlationId, now) },
    };
  }

  function decideVisit(event: VisitEvent, known: Known, context: JobContext): Decision<Change> {
    if (known.isErased) return { outcome: erased };
    if (tellsOfErased(event)) return { outcome: erased, change: { erase: [event.aggregateId], now: context.now } };
    const { supersedes } = context;
    const before = known.visit && supersedes ? resetTo(event, known.visit) : known.visit;
    const turn = supersedes && before ? "next" : turnOf(event, before);
    if (turn === "stale") return ignored("a later event of the appointment was handled already");
    if (turn === "early") return waiting("an earlier event of the appointment is still to come");
    if ("timeZone" in event.payload) requireTimeZone(event.payload.timeZone);

    const doctorId = "doctorId" in event.payload ? event.payload.doctorId : before?.doctorId;
    const current = doctorId === undefined ? undefined : known.findDoctor(doctorId);
    if (!current) return waiting(`doctor ${doctorId} is not known yet`);
    if (event.eventName === eventNames.appointmentCreated) {
      return changeBy(decideCreated(event, { current }), event, known, context);
    }
    if (!before) throw new Error(`${event.eventName} has its turn, but no visit ${event.aggregateId} is known`);

    const next = supersedes ? fromWhatWasTold(event, before) : event;
    const previous = next.eventName === eventNames.appointmentRescheduled
      ? known.findDoctor(next.payload.previousDoctorId)
      : undefined;
    return changeBy(decideNext(next, before, { current, ...(previous && { previous }) }), event, known, context);
  }

  return {
    name: "notifications",
    isFarReaching: (event) =>
      event.eventName === eventNames.patientErased ||
      (event.eventName !== eventNames.doctorUpdated && tellsOfErased(event)),
    decide(event, known, context) {
      switch (event.eventName) {
        case eventNames.doctorUpdated:
          return decideDoctor(event, known, context.supersedes);
        case eventNames.patientErased:
          return { outcome: { kind: "applied" }, change: { erase: event.payload.appointmentIds, now: context.now } };
        default:
          return decideVisit(event, known, context);
      }
    },
    createStore: (transaction) => createNotificationStore(transaction, calendars),
  };
}

const ignored = (reason: string): Decision<Change> => ({ outcome: { kind: "ignored", reason } });
const waiting = (reason: string): Decision<Change> => ({ outcome: { kind: "wait", reason } });

/** The later state counts, by its position, or one that supersedes. */
function decideDoctor(
  event: EventOf<NotificationsEvent, "doctorUpdated">,
  { findDoctor }: Known,
  supersedes = false,
): Decision<Change> {
  const { name, email, phone, timeZone } = event.payload;
  requireTimeZone(timeZone);
  const position = positionOf(event);
  const known = findDoctor(event.aggregateId);
  if (!supersedes && !follows(position, known?.position)) return ignored("a later state of the doctor is known");
  const doctor = { doctorId: event.aggregateId, position, name, email, phone, timeZone };
  return { outcome: { kind: "applied" }, change: { doctor } };
}

/** The schema bounds the length of a zone's name only; one that nobody can resolve would fail every mail later. */
function requireTimeZone(timeZone: string | undefined): void {
  if (timeZone === undefined || isTimeZone(timeZone)) return;
  throw new PermanentError("unknown-time-zone", `no time zone is called ${timeZone}`);
}
