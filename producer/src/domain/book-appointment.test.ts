import { expect, test } from "vitest";
import { eventNames } from "../generated/events.ts";
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
  retiredAt: undefined,
  createdAt: now,
  updatedAt: now,
};
const written = (text: string) => ({ at: new Date(text), text });
const command = {
  id: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  doctorId: "dr-lovelace",
  start: written("2026-12-01T09:00:00Z"),
  durationMinutes: 30,
  patientEmail: "ada@example.org",
  overbook: false,
};

const weekends: Doctor = { ...doctor, workingHours: [{ weekday: 6, start: "09:00", end: "17:00" }] };

test("a booking says when it is in the doctor's zone, and nothing that was not given", () => {
  const { event, next } = bookAppointment(command, doctor, now);
  expect(event).toEqual({
    eventName: eventNames.appointmentCreated,
    version: 1,
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
  ["a time that is past", { ...command, start: written("2026-11-23T07:59:59Z") }, doctor, "invalid-value"],
  [
    "a local time that the clocks skip",
    { ...command, start: written("2027-03-28T02:30:00+01:00") },
    doctor,
    "invalid-value",
  ],
  ["a time outside the working hours", command, weekends, "outside-working-hours"],
  ["this very moment", { ...command, start: written("2026-11-23T08:00:00Z") }, doctor, "invalid-value"],
])("%s is refused", (_, refused, known, code) => {
  expect(() => bookAppointment(refused, known, now)).toThrow(
    expect.objectContaining({ code, constructor: DomainError }),
  );
});

test("overbooking passes the working hours and says so", () => {
  const { event, next } = bookAppointment({ ...command, overbook: true }, weekends, now);
  expect(event.payload).toMatchObject({ overbooked: true });
  expect(next.overbooked).toBe(true);
});

test.each([
  ["2027-03-28T02:30:00Z", "an instant"],
  ["2027-03-28T02:30:00-05:00", "the time of another zone"],
  ["2026-10-25T02:30:00+02:00", "the first of two, by its offset"],
  ["2026-10-25T02:30:00+01:00", "the second of two, by its offset"],
])("%s is accepted in Berlin: it is %s", (text) => {
  const early = new Date("2026-01-01T00:00:00Z");
  expect(bookAppointment({ ...command, start: written(text) }, doctor, early).next.startsAt).toEqual(new Date(text));
});
