import * as v from "valibot";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";

const shared = { tag: "Holds", scope: "appointments:write", writes: true } as const;

export const usualHoldMinutes = 5;
const expected = "expected a whole number of minutes from 1 to 15";

export const holdId = described(
  "The hold; whoever knows it may book its time",
  fields.appointmentId,
  "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b22",
);

const holdMinutes = described(
  `How long the time is kept, in minutes; ${usualHoldMinutes} where it is not given`,
  v.pipe(v.number(expected), v.integer(expected), v.minValue(1, expected), v.maxValue(15, expected)),
  10,
);

export const holdView = v.pipe(
  v.strictObject({
    id: holdId,
    doctorId: fields.doctorId,
    appointmentDate: fields.moment("When the visit would begin, with the offset of the doctor's time zone"),
    durationMinutes: fields.durationMinutes,
    expiresAt: fields.moment("When the time is free again, if it is not booked or released before"),
  }),
  v.metadata({ ref: "Hold" }),
);

export const holdTime = operation({
  ...shared,
  operationId: "holdTime",
  method: "post",
  path: "/v1/holds",
  summary: "Keep a time free for some minutes",
  description:
    "Nobody else can book or hold the time until the hold expires; send its id as `holdId` to book it. A hold is not " +
    "an appointment: it says nothing of a patient, and no event announces it, so the free slots of other services still " +
    "have its time. An expired hold has no effect.",
  body: {
    schema: v.pipe(
      v.strictObject({
        doctorId: fields.doctorId,
        appointmentDate: fields.start,
        durationMinutes: v.optional(
          described("How long the visit takes, in minutes; 30 where it is not given", fields.durationMinutes, 30),
        ),
        holdMinutes: v.optional(holdMinutes),
      }),
      v.metadata({ ref: "NewHold" }),
    ),
    example: { doctorId: "dr-lovelace", appointmentDate: "2030-12-02T11:00:00+01:00", durationMinutes: 30 },
  },
  success: {
    201: {
      description: "Held",
      schema: holdView,
      example: {
        id: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b22",
        doctorId: "dr-lovelace",
        appointmentDate: "2030-12-02T11:00:00+01:00",
        durationMinutes: 30,
        expiresAt: "2026-11-23T08:05:00.000Z",
      },
    },
  },
  problems: ["unknown-doctor", "invalid-value", "doctor-retired", "slot-unavailable", "outside-working-hours"],
});

export const releaseHold = operation({
  ...shared,
  operationId: "releaseHold",
  method: "delete",
  path: "/v1/holds/{id}",
  summary: "Release a hold",
  description:
    "The answer is the same where the hold has expired, was booked or never existed: afterwards it holds nothing.",
  params: v.strictObject({ id: holdId }),
  success: { 204: { description: "Released" } },
  problems: [],
});
