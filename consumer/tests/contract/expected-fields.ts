import { MatchersV3 } from "@pact-foundation/pact";
import type { EventName } from "../../src/generated/events.ts";

const { atLeastLike, atMostLike, boolean, integer, regex, string } = MatchersV3;

/** Matchers as wide as the job's own schema, each with a fixed example so that the pacts come out the same each time. */
const dateTime = (example: string) =>
  regex("^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?([Zz]|[+-]\\d{2}:\\d{2})$", example);
const uuid = (example: string) =>
  regex("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$", example);
const doctor = (example: string) => regex("^[A-Za-z0-9][A-Za-z0-9._~-]*$", example);
const phone = (example: string) => regex("^\\+[1-9][0-9]{6,14}$", example);
const time = (example: string) => regex("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example);

export const appointmentId = "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11";
export const lovelace = "dr-lovelace";
export const hopper = "dr-hopper";

/** The five fields that every event has; the payload comes from the job's expectation. */
export function envelope(eventName: EventName) {
  const aggregateId = eventName === "doctor.updated" ? doctor(lovelace) : uuid(appointmentId);
  return { eventName, aggregateId, timestamp: dateTime("2026-11-23T08:05:00.000Z"), version: 1 };
}

/** Optional fields of the envelope. */
export const exampleEventId = "0197f3a2-7000-7000-8000-000000000001";
export const eventId = uuid(exampleEventId);
export const aggregateVersion = integer(2);
export const correlationId = string("req-0001");
export const actor = string("reception");

/** Fields of the payloads. */
export const appointmentIds = atMostLike(uuid(appointmentId), 100);
export const patientEmail = string("ada@example.org");
export const patientPhone = phone("+4930123456");
export const patientName = string("Ada King");
export const locale = regex("^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "de");
export const removed = atLeastLike(regex("^[a-z][A-Za-z]{0,63}$", "patientPhone"), 1);
export const doctorId = doctor(lovelace);
export const appointmentDate = dateTime("2026-12-01T10:00:00+01:00");
export const durationMinutes = integer(45);
export const timeZone = string("Europe/Berlin");
export const overbooked = boolean(true);
export const retired = boolean(true);
export const previousDoctorId = doctor(hopper);
export const previousAppointmentDate = dateTime("2026-11-30T09:00:00+01:00");
export const previousDurationMinutes = integer(30);
export const previousStatus = regex("^(arrived|completed|no_show)$", "no_show");
export const cancelledBy = regex("^(patient|doctor|clinic)$", "patient");
export const reasonCode = regex("^[a-z][a-z0-9-]{0,63}$", "feeling-better");
export const channel = regex("^(email|sms)$", "sms");
export const recipient = regex("^(patient|doctor)$", "patient");
export const notification = regex("^(booked|moved|contact|cancelled|removed|reminder)$", "booked");
export const failureReason = regex("^(refused|bounced|undelivered|opted_out|not_handed_over)$", "undelivered");
export const namedAppointment = uuid(appointmentId);
export const doctorName = string("Dr. Ada Lovelace");
export const doctorEmail = string("lovelace@clinic.example");
export const doctorPhone = phone("+4930111111");
export const workingHours = atMostLike(
  { weekday: integer(1), start: time("09:00"), end: time("12:30") },
  100,
);
export const exceptions = atMostLike(
  {
    date: regex("^\\d{4}-\\d{2}-\\d{2}$", "2026-12-31"),
    intervals: atMostLike({ start: time("09:00"), end: time("12:00") }, 24),
  },
  1000,
);
