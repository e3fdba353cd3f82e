import { eventNames } from "../../generated/events.ts";
import type { AvailabilityEvent } from "../../generated/jobs.ts";
import { PermanentError } from "../../delivery/permanent-error.ts";
import { type Change, createAvailabilityStore, type Known } from "./availability-store.ts";
import type { EventOf } from "../event-of.ts";
import { follows, type Position, positionOf } from "../../delivery/event-order.ts";
import { isTimeZone } from "../is-time-zone.ts";
import type { Decision, Job } from "../job.ts";
import { loweredVisit, type Visit, visitAfter, type VisitEvent } from "./visit.ts";

const older: Decision<Change> = { outcome: { kind: "ignored", reason: "older than what was applied" } };
const nothing: Visit = { place: undefined, status: undefined };

/** Keeps what the free slots of a doctor are computed from: hours and visits. */
export function createAvailabilityJob(): Job<AvailabilityEvent, Known, Change> {
  return {
    name: "availability",
    createStore: createAvailabilityStore,
    decide(event, { visit, doctor }, { supersedes = false }) {
      switch (event.eventName) {
        case eventNames.doctorUpdated:
          return decideDoctor(event, doctor, supersedes);
        case eventNames.appointmentContactChanged:
          return {
            outcome: { kind: "ignored", reason: "moves no visit" },
            // What the producer has lost may not outdo what it tells next.
            change: supersedes && visit ? { visit: loweredVisit(visit, positionOf(event)) } : undefined,
          };
        default:
          return decideVisit(event, visit ?? nothing, supersedes);
      }
    },
  };
}

function decideVisit(event: VisitEvent, visit: Visit, supersedes: boolean): Decision<Change> {
  const next = visitAfter(visit, event, supersedes);
  return next === visit ? older : { outcome: { kind: "applied" }, change: { visit: next } };
}

function decideDoctor(
  event: EventOf<AvailabilityEvent, "doctorUpdated">,
  known: Position | undefined,
  supersedes: boolean,
): Decision<Change> {
  const { timeZone, workingHours, exceptions, retired = false } = event.payload;
  if (!isTimeZone(timeZone)) throw new PermanentError("unknown-time-zone", `No such time zone: ${timeZone}`);
  const position = positionOf(event);
  if (!supersedes && !follows(position, known)) return older;
  const doctor = { timeZone, workingHours, exceptions, retired, position };
  return { outcome: { kind: "applied" }, change: { doctor } };
}
