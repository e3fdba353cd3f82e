import { expect, it } from "vitest";
import { decideCreated, decideNext } from "./decision.ts";
import type { Doctor } from "./store.ts";
import { turnOf, type VisitEvent } from "./turn.ts";

const appointmentId = "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11";

function event(eventName: VisitEvent["eventName"], aggregateVersion: number | undefined, payload: object): VisitEvent {
  const timestamp = `2026-11-23T08:0${aggregateVersion ?? 9}:00Z`;
  return { eventName, aggregateId: appointmentId, timestamp, version: 1, aggregateVersion, payload } as VisitEvent;
}

const created = event("appointment.created", 1, {
  patientEmail: "ada@example.org",
  doctorId: "dr-lovelace",
  appointmentDate: "2026-12-01T10:00:00+01:00",
}) as Extract<VisitEvent, { eventName: "appointment.created" }>;
type Later = Exclude<VisitEvent, typeof created>;

const doctor: Doctor = {
  doctorId: "dr-lovelace",
  position: { version: 1, at: new Date(0) },
  name: "Dr. Ada Lovelace",
  email: "lovelace@clinic.example",
  phone: undefined,
  timeZone: "Europe/Berlin",
};
const { visit } = decideCreated(created, { current: doctor });
const decide = (later: VisitEvent, before = visit) => decideNext(later as Later, before, { current: doctor });

it("takes the doctor's time zone and half an hour where the event has neither", () => {
  expect(visit).toMatchObject({ timeZone: "Europe/Berlin", durationMinutes: 30, sequence: 0, status: "booked" });
});

it("knows the next event from a repeated one and from one whose predecessor is missing", () => {
  expect(turnOf(created, undefined)).toBe("next");
  expect(turnOf(created, visit)).toBe("stale");
  expect(turnOf(event("appointment.cancelled", 2, {}), undefined)).toBe("early");
  expect(turnOf(event("appointment.cancelled", 2, {}), visit)).toBe("next");
  expect(turnOf(event("appointment.cancelled", 3, {}), visit)).toBe("early");
  expect(turnOf(event("appointment.cancelled", undefined, {}), visit)).toBe("next");
});

it("tells nobody of an arrival, an end or a no-show, and forgets the reminders", () => {
  for (const eventName of ["appointment.arrived", "appointment.completed", "appointment.no_show"] as const) {
    expect(decide(event(eventName, 2, {}))).toMatchObject({ messages: [], reminders: "drop", visit: { sequence: 1 } });
  }
});

it("tells nobody that something was taken back, sets the reminders anew, and leaves what was cancelled", () => {
  const reopened = event("appointment.reopened", 3, {
    doctorId: "dr-lovelace",
    appointmentDate: "2026-12-01T10:00:00+01:00",
    durationMinutes: 30,
  });
  const before = (status: typeof visit.status) => ({ ...visit, status, position: { version: 2, at: new Date(0) } });
  for (const status of ["arrived", "completed", "no_show"] as const) {
    expect(decide(reopened, before(status))).toMatchObject({
      messages: [],
      reminders: "set",
      visit: { status: "booked", sequence: 2 },
    });
  }
  expect(decide(reopened, before("cancelled"))).toMatchObject({ reminders: "drop", visit: { status: "cancelled" } });
});

it("writes to what is new of a contact, and to nobody about a visit that is over or a language", () => {
  const channels = (payload: object, status: typeof visit.status = "booked") =>
    decide(event("appointment.contact_changed", 2, payload), { ...visit, status }).messages.map((told) =>
      told.channels
    );
  expect(channels({ patientEmail: "new@example.org" })).toEqual([["email"]]);
  expect(channels({ patientPhone: "+4930123456" })).toEqual([["sms"]]);
  expect(channels({ patientEmail: "new@example.org", patientPhone: "+4930123456" })).toEqual([["email", "sms"]]);
  expect(channels({ patientEmail: "ada@example.org", locale: "fr" })).toEqual([]);
  expect(channels({ patientEmail: "new@example.org" }, "cancelled")).toEqual([]);
});

it("keeps the reminders of a visit whose contact changed, and sets them anew for one that was moved", () => {
  expect(decide(event("appointment.contact_changed", 2, { locale: "fr" })).reminders).toBe("keep");
  const moved = event("appointment.rescheduled", 2, {
    doctorId: "dr-lovelace",
    appointmentDate: "2026-12-02T10:00:00+01:00",
    durationMinutes: 30,
    previousDoctorId: "dr-lovelace",
    previousAppointmentDate: "2026-12-01T10:00:00+01:00",
  });
  expect(decide(moved).reminders).toBe("set");
});

it("tells nobody of a zone that only got another name, and everybody of another zone", () => {
  const kept = {
    doctorId: "dr-lovelace",
    appointmentDate: "2026-12-01T11:00:00+02:00",
    durationMinutes: 30,
    previousDoctorId: "dr-lovelace",
    previousAppointmentDate: "2026-12-01T10:00:00+01:00",
    previousDurationMinutes: 30,
  };
  const renamed = (from: string, to: string) =>
    decide(event("appointment.rescheduled", 2, { ...kept, timeZone: to }), { ...visit, timeZone: from });
  const aliases = [["Europe/Kyiv", "Europe/Kiev"], ["Asia/Kolkata", "Asia/Calcutta"], ["UTC", "Etc/UTC"]] as const;
  for (const [a, b] of aliases) {
    expect(renamed(a, b)).toMatchObject({ messages: [], reminders: "keep", visit: { timeZone: b } });
    expect(renamed(b, a)).toMatchObject({ messages: [], reminders: "keep" });
  }
  expect(renamed("Europe/Berlin", "Europe/Kyiv").messages).toHaveLength(2);
});
