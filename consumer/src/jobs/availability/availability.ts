import { eventNames } from "../../generated/events.ts";
import type { AvailabilityEvent } from "../../generated/jobs.ts";
import { PermanentError } from "../../delivery/permanent-error.ts";
import { type AvailabilityStore, createAvailabilityStore } from "./availability-store.ts";
import type { EventOf } from "../event-of.ts";
import { follows, positionOf } from "../../delivery/event-order.ts";
import type { Job, JobOutcome } from "../job.ts";
import { loweredVisit, visitAfter, type VisitEvent } from "./visit.ts";

const older: JobOutcome = { kind: "ignored", reason: "older than what was applied" };

/** Keeps what the free slots of a doctor are computed from: hours and visits. */
export function createAvailabilityJob(): Job<AvailabilityEvent, AvailabilityStore> {
  return {
    name: "availability",
    createStore: createAvailabilityStore,
    async handle(event, store, { supersedes = false }) {
      switch (event.eventName) {
        case eventNames.doctorUpdated:
          return await applyDoctor(event, store, supersedes);
        case eventNames.appointmentContactChanged:
          if (supersedes) await forgetLater(event, store);
          return { kind: "ignored", reason: "moves no visit" };
        default:
          return await applyVisit(event, store, supersedes);
      }
    },
  };
}

async function applyVisit(event: VisitEvent, store: AvailabilityStore, supersedes: boolean): Promise<JobOutcome> {
  const visit = await store.lockVisit(event.aggregateId);
  const next = visitAfter(visit, event, supersedes);
  if (next === visit) return older;
  await store.saveVisit(event.aggregateId, next);
  return { kind: "applied" };
}

/** What the producer has lost may not outdo what it tells next. */
async function forgetLater(
  event: EventOf<AvailabilityEvent, "appointmentContactChanged">,
  store: AvailabilityStore,
): Promise<void> {
  const visit = await store.lockVisit(event.aggregateId);
  await store.saveVisit(event.aggregateId, loweredVisit(visit, positionOf(event)));
}

async function applyDoctor(
  event: EventOf<AvailabilityEvent, "doctorUpdated">,
  store: AvailabilityStore,
  supersedes: boolean,
): Promise<JobOutcome> {
  const { timeZone, workingHours, exceptions, retired = false } = event.payload;
  if (!isTimeZone(timeZone)) throw new PermanentError("unknown-time-zone", `No such time zone: ${timeZone}`);
  const position = positionOf(event);
  const doctor = { timeZone, workingHours, exceptions, retired, position };
  if (await store.addDoctor(event.aggregateId, doctor)) return { kind: "applied" };
  const known = await store.lockDoctorPosition(event.aggregateId);
  if (!supersedes && !follows(position, known)) return older;
  await store.saveDoctor(event.aggregateId, doctor);
  return { kind: "applied" };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
