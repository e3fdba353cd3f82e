import * as v from "valibot";
import type { Doctor } from "../domain/doctor.ts";
import { omitUndefined } from "../domain/omit-undefined.ts";

const dateTime = v.pipe(v.string(), v.metadata({ format: "date-time" }));

export const doctorView = v.pipe(
  v.strictObject({
    id: v.string(),
    version: v.pipe(v.number(), v.integer(), v.description("Counts the changes; the ETag says the same")),
    name: v.string(),
    email: v.string(),
    phone: v.optional(v.string()),
    timeZone: v.string(),
    workingHours: v.array(v.strictObject({ weekday: v.number(), start: v.string(), end: v.string() })),
    exceptions: v.array(
      v.strictObject({
        date: v.pipe(v.string(), v.metadata({ format: "date" })),
        intervals: v.array(v.strictObject({ start: v.string(), end: v.string() })),
      }),
    ),
    createdAt: dateTime,
    updatedAt: dateTime,
  }),
  v.metadata({ ref: "Doctor" }),
);

export const doctorExample: v.InferOutput<typeof doctorView> = {
  id: "dr-lovelace",
  version: 1,
  name: "Dr. Ada Lovelace",
  email: "lovelace@clinic.example",
  timeZone: "Europe/Berlin",
  workingHours: [{ weekday: 1, start: "09:00", end: "17:00" }],
  exceptions: [{ date: "2030-12-24", intervals: [] }],
  createdAt: "2026-11-23T08:00:00.000Z",
  updatedAt: "2026-11-23T08:00:00.000Z",
};

export function presentDoctor(doctor: Doctor): v.InferOutput<typeof doctorView> {
  return omitUndefined({
    ...doctor,
    workingHours: [...doctor.workingHours],
    exceptions: doctor.exceptions.map(({ date, intervals }) => ({ date, intervals: [...intervals] })),
    createdAt: doctor.createdAt.toISOString(),
    updatedAt: doctor.updatedAt.toISOString(),
  });
}
