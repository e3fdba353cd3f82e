import * as v from "valibot";
import { maxAffected } from "../appointments/affected-visits.ts";
import { appointmentExample, appointmentView } from "../appointments/appointment-view.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";
import { date } from "./doctor-fields.ts";
import { doctorExample, doctorView } from "./doctor-view.ts";

const affectedView = v.pipe(
  v.strictObject({
    doctor: doctorView,
    visits: described(
      `The visits that are to be moved or cancelled, the earliest first; at most ${maxAffected}`,
      v.array(appointmentView),
    ),
    totalVisits: described("How many there are of them in all", v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
  v.metadata({ ref: "AffectedVisits" }),
);

const shared = {
  tag: "Doctors",
  method: "post",
  scope: "doctors:write",
  writes: true,
  preconditions: ["If-Match"],
  params: v.strictObject({ id: fields.doctorId }),
} as const;
const nothing = { schema: v.strictObject({}), example: {}, optional: true } as const;
const readsVisits =
  "Since the answer holds visits, the scope `appointments:read` is needed too. Where there are more " +
  "than it can hold, list the doctor's appointments from the last one's beginning on.";

export const addAbsence = operation({
  ...shared,
  operationId: "addAbsence",
  path: "/v1/doctors/{id}/absences",
  summary: "Set the days on which a doctor is absent",
  description:
    "Each of the days becomes an exception without hours, in place of one that it may have had. The visits of " +
    "those days stay until they are moved or cancelled, and are in the answer: booked ones and those whose patient has " +
    `arrived, as far as they are not over. ${readsVisits} To take an absence back, or for parts of a day, replace the doctor's exceptions.`,
  body: {
    schema: v.pipe(
      v.strictObject({
        from: described("The first day, in the doctor's time zone", date, "2030-12-23"),
        to: described("The last day, which is included; at most a year after the first", date, "2030-12-31"),
      }),
      v.metadata({ ref: "Absence" }),
    ),
    example: { from: "2030-12-23", to: "2030-12-31" },
  },
  success: {
    200: {
      description: "The doctor is absent on those days, or was already; these visits are affected",
      schema: affectedView,
      example: { doctor: doctorExample, visits: [appointmentExample], totalVisits: 1 },
      headers: ["ETag"],
    },
  },
  problems: ["doctor-not-found", "invalid-value"],
});

export const retireDoctor = operation({
  ...shared,
  operationId: "retireDoctor",
  path: "/v1/doctors/{id}/retire",
  summary: "Take no more bookings for a doctor",
  description:
    "No visit can be booked with the doctor or moved to another of the doctor's times, not even with overbook, " +
    "and no slots are offered. The visits that there are stay until they are moved or cancelled; those to come are in " +
    `the answer. ${readsVisits}`,
  body: nothing,
  success: {
    200: {
      description: "The doctor is retired, or was already, and these visits are still to come",
      schema: affectedView,
      example: {
        doctor: { ...doctorExample, version: 2, retiredAt: "2026-11-24T08:00:00.000Z" },
        visits: [appointmentExample],
        totalVisits: 1,
      },
      headers: ["ETag"],
    },
  },
  problems: ["doctor-not-found"],
});

export const returnDoctor = operation({
  ...shared,
  operationId: "returnDoctor",
  path: "/v1/doctors/{id}/return",
  summary: "Take bookings for a retired doctor again",
  body: nothing,
  success: {
    200: {
      description: "The doctor takes visits again, or always did",
      schema: doctorView,
      example: { ...doctorExample, version: 3 },
      headers: ["ETag"],
    },
  },
  problems: ["doctor-not-found"],
});
