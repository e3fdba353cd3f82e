import { randomUUID } from "node:crypto";
import type { NotificationsEvent } from "../../../src/generated/jobs.ts";

type EventOf<Name extends NotificationsEvent["eventName"]> = Extract<NotificationsEvent, { eventName: Name }>;

const baseTime = Date.parse("2026-11-23T08:00:00Z");

/** The events of one appointment, with versions 1, 2, … and a minute between them. */
export function appointmentEvents(appointmentId: string = randomUUID()) {
  function event<Name extends NotificationsEvent["eventName"]>(
    eventName: Name,
    aggregateVersion: number,
    payload: EventOf<Name>["payload"],
  ): EventOf<Name> {
    return {
      eventName,
      aggregateId: appointmentId,
      timestamp: new Date(baseTime + aggregateVersion * 60_000).toISOString(),
      version: 1,
      eventId: randomUUID(),
      aggregateVersion,
      correlationId: `req-${aggregateVersion}`,
      payload,
    } as EventOf<Name>;
  }

  return {
    appointmentId,
    created: (payload: Partial<EventOf<"appointment.created">["payload"]> = {}) =>
      event("appointment.created", 1, {
        patientEmail: "ada@example.org",
        doctorId: "dr-lovelace",
        appointmentDate: "2026-12-01T10:00:00+01:00",
        ...payload,
      }),
    rescheduled: (version: number, payload: Partial<EventOf<"appointment.rescheduled">["payload"]> = {}) =>
      event("appointment.rescheduled", version, {
        doctorId: "dr-lovelace",
        appointmentDate: "2026-12-03T09:30:00+01:00",
        durationMinutes: 45,
        previousDoctorId: "dr-lovelace",
        previousAppointmentDate: "2026-12-01T10:00:00+01:00",
        ...payload,
      }),
    contactChanged: (version: number, payload: EventOf<"appointment.contact_changed">["payload"]) =>
      event("appointment.contact_changed", version, payload),
    cancelled: (version: number, payload: Partial<EventOf<"appointment.cancelled">["payload"]> = {}) =>
      event("appointment.cancelled", version, {
        doctorId: "dr-lovelace",
        appointmentDate: "2026-12-01T10:00:00+01:00",
        durationMinutes: 30,
        ...payload,
      }),
    reopened: (version: number, payload: Partial<EventOf<"appointment.reopened">["payload"]> = {}) =>
      event("appointment.reopened", version, {
        doctorId: "dr-lovelace",
        appointmentDate: "2026-12-01T10:00:00+01:00",
        durationMinutes: 30,
        ...payload,
      }),
    arrived: (version: number) => event("appointment.arrived", version, {}),
    completed: (version: number) => event("appointment.completed", version, {}),
    noShow: (version: number) => event("appointment.no_show", version, {}),
  };
}

export function doctorUpdated(
  doctorId: string,
  payload: Partial<EventOf<"doctor.updated">["payload"]> = {},
  aggregateVersion = 1,
): EventOf<"doctor.updated"> {
  return {
    eventName: "doctor.updated",
    aggregateId: doctorId,
    timestamp: new Date(baseTime + aggregateVersion * 1000).toISOString(),
    version: 1,
    eventId: randomUUID(),
    aggregateVersion,
    payload: {
      name: doctorId === "dr-hopper" ? "Dr. Grace Hopper" : "Dr. Ada Lovelace",
      email: `${doctorId}@clinic.example`,
      timeZone: "Europe/Berlin",
      ...payload,
    },
  };
}
