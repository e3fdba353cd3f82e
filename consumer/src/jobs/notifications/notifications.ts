import { eventNames } from "../../generated/events.ts";
import type { NotificationsEvent } from "../../generated/jobs.ts";
import { PermanentError } from "../../delivery/permanent-error.ts";
import { createPostgresNotificationStore } from "./postgres-store.ts";
import type { EventOf } from "../event-of.ts";
import { positionOf } from "../../delivery/event-order.ts";
import type { Job, JobContext, JobOutcome } from "../job.ts";
import { decideCreated, decideNext, type Decision } from "./decision.ts";
import { tellsOfErased } from "./erased-event.ts";
import type { MessageWriter } from "./message-writer.ts";
import { type SendOptions, sendsOf } from "./send.ts";
import { requireWritable } from "./require-writable.ts";
import type { NotificationStore } from "./store.ts";
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
): Job<NotificationsEvent, NotificationStore> {
  async function apply(
    { visit, messages, reminders, silenced }: Decision,
    event: VisitEvent,
    store: NotificationStore,
    { eventKey, now }: JobContext,
  ): Promise<JobOutcome> {
    // Nobody was invited before the first event.
    const asks = dependencies.calendars && event.eventName !== eventNames.appointmentCreated;
    const context = {
      eventKey,
      correlationId: event.correlationId,
      stamp: event.timestamp,
      now,
      ...(asks && { invitedDoctors: await store.findInvitedDoctors(visit.appointmentId) }),
    };
    const sends = messages.flatMap((message) => sendsOf(message, context, dependencies));
    requireWritable(dependencies.writer, sends);
    await store.saveVisit(visit);
    if (silenced) await store.dropSends(visit.appointmentId, silenced, now);
    await store.addSends(sends);
    if (reminders !== "keep") {
      const leads = reminders === "set" ? dependencies.reminderLeadMinutes : [];
      const { correlationId } = event;
      const wanted = leads.map((leadMinutes) => {
        return { leadMinutes, dueAt: new Date(visit.startsAt.getTime() - leadMinutes * 60_000), correlationId };
      });
      await store.replaceReminders(visit.appointmentId, wanted.filter(({ dueAt }) => dueAt > now), now);
    }
    return { kind: "applied", detail: `${sends.length} to send`, intents: sends.length };
  }

  async function handleVisit(event: VisitEvent, store: NotificationStore, context: JobContext): Promise<JobOutcome> {
    if (await store.isErased(event.aggregateId)) return erased;
    if (tellsOfErased(event)) {
      await store.erase([event.aggregateId], context.now);
      return erased;
    }
    const { supersedes } = context;
    const told = await store.findVisit(event.aggregateId);
    const before = told && supersedes ? resetTo(event, told) : told;
    const turn = supersedes && before ? "next" : turnOf(event, before);
    if (turn === "stale") return { kind: "ignored", reason: "a later event of the appointment was handled already" };
    if (turn === "early") return { kind: "wait", reason: "an earlier event of the appointment is still to come" };
    if ("timeZone" in event.payload) requireTimeZone(event.payload.timeZone);

    const doctorId = "doctorId" in event.payload ? event.payload.doctorId : before?.doctorId;
    const current = doctorId === undefined ? undefined : await store.findDoctor(doctorId);
    if (!current) return { kind: "wait", reason: `doctor ${doctorId} is not known yet` };
    if (event.eventName === eventNames.appointmentCreated) {
      return await apply(decideCreated(event, { current }), event, store, context);
    }
    if (!before) throw new Error(`${event.eventName} has its turn, but no visit ${event.aggregateId} is known`);

    const next = supersedes ? fromWhatWasTold(event, before) : event;
    const previous = next.eventName === eventNames.appointmentRescheduled
      ? await store.findDoctor(next.payload.previousDoctorId)
      : undefined;
    return await apply(decideNext(next, before, { current, ...(previous && { previous }) }), event, store, context);
  }

  async function handleDoctor(
    event: EventOf<NotificationsEvent, "doctorUpdated">,
    store: NotificationStore,
    supersedes: boolean | undefined,
  ): Promise<JobOutcome> {
    const { name, email, phone, timeZone } = event.payload;
    requireTimeZone(timeZone);
    const doctor = { doctorId: event.aggregateId, position: positionOf(event), name, email, phone, timeZone };
    if (await store.saveDoctor(doctor, supersedes)) return { kind: "applied" };
    return { kind: "ignored", reason: "a later state of the doctor is known" };
  }

  async function handleErasure(
    { payload }: EventOf<NotificationsEvent, "patientErased">,
    store: NotificationStore,
    now: Date,
  ): Promise<JobOutcome> {
    const { visits, sends, reminders, deadLetters } = await store.erase(payload.appointmentIds, now);
    const detail = `cleared: visits ${visits}, sends ${sends}, reminders ${reminders}, dead letters ${deadLetters}`;
    return { kind: "applied", detail };
  }

  return {
    name: "notifications",
    async handle(event, store, context) {
      switch (event.eventName) {
        case eventNames.doctorUpdated:
          return await handleDoctor(event, store, context.supersedes);
        case eventNames.patientErased:
          return await handleErasure(event, store, context.now);
        default:
          return await handleVisit(event, store, context);
      }
    },
    createStore: createPostgresNotificationStore,
  };
}

/** The schema bounds the length of a zone's name only; one that nobody can resolve would fail every mail later. */
function requireTimeZone(timeZone: string | undefined): void {
  if (timeZone === undefined) return;
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch (cause) {
    throw new PermanentError("unknown-time-zone", `no time zone is called ${timeZone}`, { cause });
  }
}
