import * as v from "valibot";
import type { Doctor } from "../domain/doctor.ts";
import { omitUndefined } from "../domain/omit-undefined.ts";
import * as doctorFields from "./doctor-fields.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";

export const doctorView = v.pipe(
  v.strictObject({
    id: fields.doctorId,
    version: fields.version,
    name: doctorFields.name,
    email: described("Where the doctor gets mails", fields.keptEmail, "lovelace@clinic.example"),
    phone: v.optional(doctorFields.phone),
    timeZone: doctorFields.timeZone,
    workingHours: doctorFields.workingHours,
    exceptions: doctorFields.exceptions,
    retiredAt: v.optional(
      fields.moment("Since when the doctor takes no visits any more; absent while visits are taken"),
    ),
    createdAt: fields.createdAt,
    updatedAt: fields.updatedAt,
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
    id: doctor.id,
    version: doctor.version,
    name: doctor.name,
    email: doctor.email,
    phone: doctor.phone,
    timeZone: doctor.timeZone,
    workingHours: [...doctor.workingHours],
    exceptions: doctor.exceptions.map(({ date, intervals }) => ({ date, intervals: [...intervals] })),
    retiredAt: doctor.retiredAt?.toISOString(),
    createdAt: doctor.createdAt.toISOString(),
    updatedAt: doctor.updatedAt.toISOString(),
  });
}
