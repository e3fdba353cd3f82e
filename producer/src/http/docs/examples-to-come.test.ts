import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { checkVisit } from "../../domain/check-visit.ts";
import { describeApi } from "../../describe-api.ts";
import { bookAppointment } from "../../appointments/appointment-operations.ts";
import { putDoctor } from "../../doctors/doctor-operations.ts";
import { moveExamples } from "./examples-to-come.ts";

type Bodies = { requestBody: { content: Record<string, { example: { appointmentDate: string } }> } };
type Document = {
  paths: Record<string, Record<string, Bodies & { parameters: { name: string; example?: string }[] }>>;
};

const document = await describeApi() as Document;
const booking = { paths: { "/v1/appointments": document.paths["/v1/appointments"]! } } as Document;
const days = Array.from({ length: 366 * 2 }, (_, day) => new Date(Date.UTC(2026, 0, 1, (day * 7) % 24) + day * 864e5));
const doctor = {
  id: "dr-lovelace",
  ...putDoctor.body.example,
  version: 1,
  phone: undefined,
  retiredAt: undefined,
  createdAt: new Date(),
  updatedAt: new Date(),
};

test("a booking as prefilled is in the future and in the working hours of the doctor as prefilled, on any day", () => {
  for (const now of days) {
    const { paths } = moveExamples(booking, now, 1 + now.getUTCDate());
    const text = paths["/v1/appointments"]!["post"]!.requestBody.content["application/json"]!.example.appointmentDate;
    const at = new Date(Temporal.Instant.from(text).epochMilliseconds);
    const visit = { start: { at, text }, durationMinutes: 30, timeZone: "Europe/Berlin", overbook: false };
    expect(() => checkVisit(visit, doctor, now), `${now.toISOString()} ${text}`).not.toThrow();
  }
});

test("times of day, and what lies between the dates of a request, stay", () => {
  for (const now of days.slice(0, 366)) {
    const { paths } = moveExamples(document, now, 1);
    const content = paths["/v1/appointments/{id}"]!["patch"]!.requestBody.content["application/json"]!;
    expect(content.example.appointmentDate).toMatch(/T14:00:00\+0[12]:00$/);
    const slots = paths["/v1/doctors/{id}/slots"]!["get"]!.parameters;
    const [from = "", to = ""] = ["from", "to"].map((name) => slots.find((one) => one.name === name)?.example);
    expect([from, to].join()).toMatch(/^\d{4}-\d\d-\d\dT00:00:00Z,\d{4}-\d\d-\d\dT00:00:00Z$/);
    expect(Temporal.PlainDate.from(from.slice(0, 10)).until(to.slice(0, 10)).days).toBe(1);
  }
});

test("the document itself stays as it is", () => {
  const before = JSON.stringify(document);
  moveExamples(document, new Date(), 1);
  expect(JSON.stringify(document)).toBe(before);
  expect(before).toContain(bookAppointment.body.example.appointmentDate);
});
