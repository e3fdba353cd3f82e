import * as v from "valibot";
import { fieldLimits } from "../generated/field-limits.ts";
import { described } from "../http/described.ts";
import * as doctorFields from "./doctor-fields.ts";
import { doctorExample, doctorView } from "./doctor-view.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";
import { page, paging } from "../http/page.ts";
import { slot } from "../http/slot.ts";

const shared = { tag: "Doctors" } as const;
const one = v.strictObject({ id: fields.doctorId });

export const putDoctor = operation({
  ...shared,
  operationId: "putDoctor",
  method: "put",
  path: "/v1/doctors/{id}",
  summary: "Add or replace a doctor",
  description: "A doctor without working hours can be booked at any time. Times are local to timeZone.",
  scope: "doctors:write",
  writes: true,
  preconditions: ["If-Match", "If-None-Match"],
  params: one,
  body: {
    schema: v.pipe(
      v.strictObject({
        name: doctorFields.name,
        email: doctorFields.email,
        phone: v.optional(doctorFields.phone),
        timeZone: doctorFields.timeZone,
        workingHours: v.optional(doctorFields.workingHours, []),
        exceptions: v.optional(doctorFields.exceptions, []),
      }),
      v.metadata({ ref: "NewDoctor" }),
    ),
    example: {
      name: "Dr. Ada Lovelace",
      email: "lovelace@clinic.example",
      timeZone: "Europe/Berlin",
      workingHours: [{ weekday: 1, start: "09:00", end: "17:00" }],
      exceptions: [{ date: "2030-12-24", intervals: [] }],
    },
  },
  success: {
    200: {
      description: "Replaced, or it was the same already",
      schema: doctorView,
      example: doctorExample,
      headers: ["ETag"],
    },
    201: { description: "Added", schema: doctorView, example: doctorExample, headers: ["Location", "ETag"] },
  },
  problems: ["invalid-value"],
});

export const getDoctor = operation({
  ...shared,
  operationId: "getDoctor",
  method: "get",
  path: "/v1/doctors/{id}",
  summary: "Read a doctor",
  scope: "appointments:read",
  preconditions: ["If-None-Match"],
  params: one,
  success: {
    200: { description: "The doctor", schema: doctorView, example: doctorExample, headers: ["ETag"] },
    304: { description: "It has the version that If-None-Match names", headers: ["ETag"] },
  },
  problems: ["doctor-not-found"],
});

export const listDoctors = operation({
  ...shared,
  operationId: "listDoctors",
  method: "get",
  path: "/v1/doctors",
  summary: "List doctors by id",
  scope: "appointments:read",
  query: v.strictObject(paging.query),
  success: {
    200: {
      description: "A page",
      schema: page("DoctorPage", doctorView),
      example: { items: [doctorExample] },
      headers: ["Link"],
    },
  },
  problems: ["invalid-cursor"],
});

export const listSlots = operation({
  ...shared,
  operationId: "listSlots",
  method: "get",
  path: "/v1/doctors/{id}/slots",
  summary: "List a doctor's free slots",
  description:
    "Slots that begin from `from` (inclusive) to `to` (exclusive), at most 31 days, and after now. They begin back to " +
    "back from the start of each interval of the working hours; without hours, from every midnight. The last slot of " +
    "an interval may go on into the next interval where no gap is between them, also over midnight: every slot can be booked.",
  scope: "appointments:read",
  params: one,
  query: v.strictObject({
    from: described("Slots that begin at this instant or later", fields.instant, "2030-12-02T00:00:00Z"),
    to: described("Slots that begin before this instant", fields.instant, "2030-12-03T00:00:00Z"),
    durationMinutes: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^\d{1,4}$/, "expected a whole number of minutes"),
        v.transform(Number),
        fields.durationMinutes,
        v.metadata({ type: "integer", ...fieldLimits.durationMinutes, default: 30 }),
      ),
      "30",
    ),
  }),
  success: {
    200: {
      description: "The slots in order",
      schema: v.pipe(
        v.strictObject({ items: described("The slots, the earliest first", v.array(slot)) }),
        v.metadata({ ref: "Slots" }),
      ),
      example: { items: [{ start: "2030-12-02T09:00:00+01:00", end: "2030-12-02T09:30:00+01:00" }] },
    },
  },
  problems: ["doctor-not-found"],
});
