import { eventNames } from "../generated/events.ts";
import { advance, type Appointment, requireTransition } from "./appointment.ts";
import type { Decision } from "./decision.ts";
import { DomainError } from "./domain-error.ts";
import { type ArriveLead, earliestStep } from "./earliest-step.ts";
import { formatLocal } from "./local-time.ts";
import { omitUndefined } from "./omit-undefined.ts";

export type CancelAppointment = Pick<Partial<Appointment>, "cancelledBy" | "reasonCode">;

/** Cancelling what is cancelled changes nothing, whatever the reason this time. */
export function cancelAppointment(
  command: CancelAppointment,
  current: Appointment,
  now: Date,
): Decision<Appointment> | undefined {
  if (current.status === "cancelled") return undefined;
  requireTransition(current, "cancel");
  const { cancelledBy, reasonCode } = command;
  const { durationMinutes } = current;
  return {
    event: {
      eventName: eventNames.appointmentCancelled,
      payload: omitUndefined({ ...placeAndTime(current), durationMinutes, cancelledBy, reasonCode }),
    },
    next: advance(current, now, { status: "cancelled", cancelledBy, reasonCode }),
  };
}

const steps = {
  "arrive": { status: "arrived", eventName: eventNames.appointmentArrived },
  "complete": { status: "fulfilled", eventName: eventNames.appointmentCompleted },
  "no-show": { status: "noshow", eventName: eventNames.appointmentNoShow },
} as const;

export type Step = keyof typeof steps;

/** The course of a visit. A step that was taken is not taken again, and none before its time. */
export function takeStep(
  step: Step,
  current: Appointment,
  now: Date,
  arriveLead: ArriveLead,
): Decision<Appointment> | undefined {
  const { status, eventName } = steps[step];
  if (current.status === status) return undefined;
  requireTransition(current, step);
  requireItsTime(step, current, now, arriveLead);
  return { event: { eventName, payload: placeAndTime(current) }, next: advance(current, now, { status }) };
}

function requireItsTime(step: Step, current: Appointment, now: Date, arriveLead: ArriveLead): void {
  const earliest = earliestStep(step, current, arriveLead);
  if (now >= earliest) return;
  const allowedFrom = formatLocal(earliest, current.timeZone);
  throw new DomainError("too-early", `${step} is allowed only from ${allowedFrom} on`, { details: { allowedFrom } });
}

function placeAndTime(appointment: Appointment): { doctorId: string; appointmentDate: string } {
  const { doctorId, startsAt, timeZone } = appointment;
  return { doctorId, appointmentDate: formatLocal(startsAt, timeZone) };
}
