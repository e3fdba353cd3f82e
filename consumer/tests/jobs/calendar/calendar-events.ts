import type { RawEvent } from "../../support/handle-event.ts";

/** The history of one visit, as the producer tells it. */
export function historyOf(number: number) {
  const aggregateId = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  let aggregateVersion = 0;
  let place = { doctorId: "house", appointmentDate: "2026-05-04T09:00:00Z", durationMinutes: 30 };

  function tell(eventName: string, payload: Record<string, unknown>): RawEvent {
    aggregateVersion += 1;
    return {
      eventName,
      aggregateId,
      timestamp: `2026-04-01T10:00:${String(aggregateVersion).padStart(2, "0")}Z`,
      version: 1,
      eventId: `${aggregateId.slice(0, 9)}${String(aggregateVersion).padStart(4, "0")}${aggregateId.slice(13)}`,
      aggregateVersion,
      correlationId: `request-${number}`,
      payload,
    };
  }

  return {
    aggregateId,
    created: () => tell("appointment.created", { ...place, patientEmail: "pat@example.org" }),
    rescheduled(doctorId: string, appointmentDate: string) {
      const previous = {
        previousDoctorId: place.doctorId,
        previousAppointmentDate: place.appointmentDate,
        previousDurationMinutes: place.durationMinutes,
      };
      place = { ...place, doctorId, appointmentDate };
      return tell("appointment.rescheduled", { ...place, ...previous });
    },
    contactChanged: () => tell("appointment.contact_changed", { patientEmail: "new@example.org" }),
    cancelled: () => tell("appointment.cancelled", { ...place }),
    arrived: () => tell("appointment.arrived", { doctorId: place.doctorId, appointmentDate: place.appointmentDate }),
    reopened: () => tell("appointment.reopened", { ...place, previousStatus: "completed" }),
    completed: () =>
      tell("appointment.completed", { doctorId: place.doctorId, appointmentDate: place.appointmentDate }),
  };
}
