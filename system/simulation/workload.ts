import type { OutboxEvent } from "./model/relay-statements.ts";

const first = Date.UTC(2027, 0, 4, 9);
const uuid = (kind: number, number: number) => `0000000${kind}-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;

/** When the visit begins after its event of that version. */
export const startsAt = (version: number) => new Date(first + version * 3_600_000);
export const appointment = (number: number) => uuid(1, number);

/** The next event of an appointment: booked first, then moved again and again. */
export function eventOf(id: number, aggregate: number, version: number): OutboxEvent {
  const eventName = version === 1 ? "appointment.created" : "appointment.rescheduled";
  const [eventId, aggregateId] = [uuid(2, id), appointment(aggregate)];
  const occurredAt = new Date(first - 86_400_000 + id);
  const body = {
    eventName,
    aggregateId,
    timestamp: occurredAt.toISOString(),
    version: 1,
    eventId,
    aggregateVersion: version,
    correlationId: eventId,
    payload: {
      patientEmail: "patient@example.org",
      doctorId: "dr-simulated",
      appointmentDate: startsAt(version).toISOString(),
      durationMinutes: 30,
      ...(version > 1 && {
        previousDoctorId: "dr-simulated",
        previousAppointmentDate: startsAt(version - 1).toISOString(),
        previousDurationMinutes: 30,
      }),
    },
  };
  return {
    id: String(id),
    eventId,
    eventName,
    correlationId: eventId,
    occurredAt,
    body: JSON.stringify(body),
    headers: { "x-event-version": 1 },
    aggregateId,
    aggregateVersion: version,
    lastError: null,
    lastAttemptAt: 0,
  };
}
