import { expect, test } from "vitest";
import { bookAppointment } from "./book-appointment.ts";
import type { Doctor } from "./doctor.ts";
import { DomainError } from "./domain-error.ts";

const now = new Date("2026-11-23T08:00:00Z");
const doctor: Doctor = {
  id: "dr-lovelace",
  version: 1,
  name: "Dr. Ada Lovelace",
  email: "lovelace@clinic.example",
  phone: undefined,
  timeZone: "Europe/Berlin",
  workingHours: [],
  exceptions: [],
  createdAt: now,
  updatedAt: now,
};
const command = {
  id: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  doctorId: "dr-lovelace",
  startsAt: new Date("2026-12-01T09:00:00Z"),
  durationMinutes: 30,
  timeZone: undefined,
  patientEmail: "ada@example.org",
  patientPhone: undefined,
  locale: undefined,
};

test("a booking says when it is in the doctor's zone, and nothing that was not given", () => {
  const { event, next } = bookAppointment(command, doctor, now);
  expect(event).toEqual({
    eventName: "appointment.created",
    payload: {
      patientEmail: "ada@example.org",
      doctorId: "dr-lovelace",
      appointmentDate: "2026-12-01T10:00:00+01:00",
      durationMinutes: 30,
      timeZone: "Europe/Berlin",
    },
  });
  expect(next).toMatchObject({ version: 1, status: "booked", timeZone: "Europe/Berlin", createdAt: now });
});

test("another zone may be given", () => {
  const { event } = bookAppointment({ ...command, timeZone: "Asia/Tokyo" }, doctor, now);
  expect(event.payload).toMatchObject({ timeZone: "Asia/Tokyo", appointmentDate: "2026-12-01T18:00:00+09:00" });
});

test.each([
  ["a doctor who is not known", command, undefined, "unknown-doctor"],
  ["a time that is past", { ...command, startsAt: new Date(now.getTime() - 1) }, doctor, "invalid-value"],
  ["this very moment", { ...command, startsAt: now }, doctor, "invalid-value"],
])("%s is refused", (_, refused, known, code) => {
  expect(() => bookAppointment(refused, known, now)).toThrow(
    expect.objectContaining({ code, constructor: DomainError }),
  );
});
