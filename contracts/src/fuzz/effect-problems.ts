import { type Json, objectAt, textAt } from "../json.ts";
import { type Effects, placeKey, placeText } from "../services.ts";
import type { Expectation } from "./expectation.ts";
import type { Message } from "./histories.ts";

const CREATED = "appointment.created";
const RESCHEDULED = "appointment.rescheduled";
const CANCELLED = "appointment.cancelled";
const REOPENED = "appointment.reopened";

/** Job → the events that say where and when a visit is; the last one counts. */
const PLACED_BY: Record<string, string[]> = {
  analytics: [CREATED],
  availability: [CREATED, RESCHEDULED, REOPENED],
  calendar: [CREATED, RESCHEDULED],
  notifications: [CREATED, RESCHEDULED, CANCELLED, REOPENED],
};

/** How many mails an event leads to, at least and at most: the patient's, and those of the doctors whom it concerns. */
const MAILS: Record<string, [least: number, most: number]> = {
  [CREATED]: [2, 2],
  // One less for a patient without an address.
  [CANCELLED]: [1, 2],
  [RESCHEDULED]: [1, 3],
  "appointment.contact_changed": [0, 1],
};
const NO_MAIL = [0, 0] as const;

/** A patient who is booked in version 2 has no address, nor has who is booked without one in the encrypted form. */
function mailsOf({ event: { eventName, version }, encrypted }: Message): readonly [number, number] {
  const hasAddress = encrypted ? "patientEmail" in encrypted : version !== 2;
  return eventName === CREATED && !hasAddress ? [1, 1] : MAILS[eventName] ?? NO_MAIL;
}

/** Effects that are missing, that nothing asked for, or that are there more often than they should be. */
export function effectProblems(expectations: Expectation[], effects: Effects): string[] {
  const taken = expectations.filter(({ dead }) => !dead);
  return [
    ...differences(
      new Map(eventsOf(taken, "audit").map((key) => [`audit ${key}`, "recorded 1 times"])),
      new Map([...effects.recorded].map(([key, times]) => [`audit ${key}`, `recorded ${times} times`])),
    ),
    ...differences(placesIn(taken), effects.places),
    ...taken.filter(({ job }) => job === "notifications").flatMap(({ message }) => {
      const { event, messageId } = message;
      const [least, most] = mailsOf(message);
      const mails = effects.sends.get(messageId) ?? 0;
      const expected = least === most ? `${most}` : `${least} to ${most}`;
      return mails >= least && mails <= most
        ? []
        : [`notifications ${messageId} (${event.eventName}): ${mails} mails instead of ${expected}`];
    }),
  ];
}

function eventsOf(expectations: Expectation[], job: string): string[] {
  return expectations.filter((one) => one.job === job).map(({ message }) => message.messageId);
}

function placesIn(expectations: Expectation[]): Map<string, string> {
  return new Map(
    expectations
      .filter(({ job, message }) => PLACED_BY[job]?.includes(message.event.eventName))
      .map(({ job, message: { body } }) => {
        const payload: Json = objectAt(body, "payload");
        const startsAt = new Date(textAt(payload, "appointmentDate"));
        return [placeKey(job, textAt(body, "aggregateId")), placeText(textAt(payload, "doctorId"), startsAt)];
      }),
  );
}

function differences(expected: Map<string, string>, actual: Map<string, string>): string[] {
  return [...new Set([...expected.keys(), ...actual.keys()])]
    .filter((key) => expected.get(key) !== actual.get(key))
    .map((key) => `${key}: ${actual.get(key) ?? "no effect"} instead of ${expected.get(key) ?? "no effect"}`);
}
