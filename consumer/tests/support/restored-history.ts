import { randomUUID } from "node:crypto";

export const doctorId = "dr-restored";

export interface Told {
  eventName: string;
  eventId: string;
  aggregateId: string;
  aggregateVersion: number;
  timestamp: string;
  version: number;
  payload: Record<string, unknown>;
}

const firstHour = 10;
const place = (hour: number) => ({
  doctorId,
  appointmentDate: `2030-05-06T${String(hour).padStart(2, "0")}:00:00Z`,
  durationMinutes: 30,
});

/** A visit's history as a producer tells it, and as it tells it once its database was restored to an earlier version. */
export function historyOf(
  aggregateId: string = randomUUID(),
  startMinute = 0,
  startVersion = 0,
  startHour = firstHour,
) {
  let [minute, aggregateVersion, hour] = [startMinute, startVersion, startHour];

  function tell(eventName: string, payload: Record<string, unknown>): Told {
    aggregateVersion += 1;
    minute += 1;
    const timestamp = new Date(Date.UTC(2026, 3, 1, 10, minute)).toISOString();
    return { eventName, eventId: randomUUID(), aggregateId, aggregateVersion, timestamp, version: 1, payload };
  }

  return {
    aggregateId,
    created(appointmentDate?: string) {
      const at = { ...place(hour), ...(appointmentDate && { appointmentDate }) };
      return tell("appointment.created", { ...at, patientEmail: "pat@example.org" });
    },
    moved(to: number) {
      const { doctorId, appointmentDate, durationMinutes } = place(hour);
      hour = to;
      return tell("appointment.rescheduled", {
        ...place(to),
        previousDoctorId: doctorId,
        previousAppointmentDate: appointmentDate,
        previousDurationMinutes: durationMinutes,
      });
    },
    contact: (patientEmail = "lost@example.org") => tell("appointment.contact_changed", { patientEmail }),
    cancelled: () => tell("appointment.cancelled", place(hour)),
    arrived: () => tell("appointment.arrived", place(hour)),
    /** Tells after a restore to that version, an hour later; of a visit that has been booked and no more. */
    restored: ({ to = 1 } = {}) => historyOf(aggregateId, 60, to),
  };
}

export function doctorUpdated(aggregateVersion: number, timestamp: string, more: Record<string, unknown> = {}): Told {
  const doctor = { name: `version ${aggregateVersion}`, email: "dr@clinic.example", timeZone: "Europe/Berlin" };
  const payload = { ...doctor, workingHours: [], exceptions: [], ...more };
  const eventId = randomUUID();
  return {
    eventName: "doctor.updated",
    eventId,
    aggregateId: doctorId,
    aggregateVersion,
    timestamp,
    version: 1,
    payload,
  };
}
