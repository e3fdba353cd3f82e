import * as v from "valibot";
import type { Doctor } from "../domain/doctor.ts";
import { omitUndefined } from "../domain/omit-undefined.ts";
import { putDoctor } from "../domain/put-doctor.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import { doctorStore } from "../postgres/doctor-store.ts";
import { commandContext, entityTag } from "./command-context.ts";
import * as fields from "./fields.ts";
import { operation } from "./operation.ts";
import { serve, type Served } from "./serve-operation.ts";

const doctorView = v.pipe(
  v.strictObject({
    id: v.string(),
    version: v.number(),
    name: v.string(),
    email: v.string(),
    phone: v.optional(v.string()),
    timeZone: v.string(),
    workingHours: v.array(v.strictObject({ weekday: v.number(), start: v.string(), end: v.string() })),
    exceptions: v.array(
      v.strictObject({
        date: v.string(),
        intervals: v.array(v.strictObject({ start: v.string(), end: v.string() })),
      }),
    ),
    createdAt: v.string(),
    updatedAt: v.string(),
  }),
  v.metadata({ ref: "Doctor" }),
);

function present(doctor: Doctor): v.InferOutput<typeof doctorView> {
  return omitUndefined({
    ...doctor,
    workingHours: [...doctor.workingHours],
    exceptions: doctor.exceptions.map(({ date, intervals }) => ({ date, intervals: [...intervals] })),
    createdAt: doctor.createdAt.toISOString(),
    updatedAt: doctor.updatedAt.toISOString(),
  });
}

const put = operation({
  operationId: "putDoctor",
  method: "put",
  path: "/v1/doctors/{id}",
  tag: "Doctors",
  summary: "Add or replace a doctor",
  scope: "doctors:write",
  params: v.strictObject({ id: fields.doctorId }),
  body: {
    schema: v.strictObject({
      name: v.pipe(v.string(), v.regex(/\S/, "expected a name"), v.maxLength(200, "expected at most 200 characters")),
      email: fields.email,
      phone: v.optional(fields.phone),
      timeZone: fields.timeZone,
      workingHours: v.optional(v.pipe(v.array(fields.workingInterval), v.maxLength(100)), []),
      exceptions: v.optional(v.pipe(v.array(fields.workingException), v.maxLength(1000)), []),
    }),
    example: {
      name: "Dr. Ada Lovelace",
      email: "lovelace@clinic.example",
      timeZone: "Europe/Berlin",
      workingHours: [{ weekday: 1, start: "09:00", end: "17:00" }],
      exceptions: [{ date: "2030-12-24", intervals: [] }],
    },
  },
  success: {
    200: { description: "Replaced, or already so", schema: doctorView, headers: ["ETag"] },
    201: { description: "Added", schema: doctorView, headers: ["Location", "ETag"] },
  },
  problems: ["invalid-value"],
});

export function serveDoctors(deps: { commandPath: CommandPath; now: () => Date }): Served[] {
  return [
    serve(put, async ({ params, body }, call) => {
      const { name, email, phone, timeZone, workingHours, exceptions } = body;
      const command = { id: params.id, name, email, phone, timeZone, workingHours, exceptions };
      const { state, changed } = await deps.commandPath.execute(doctorStore, {
        id: params.id,
        decide: (current) => putDoctor(command, current, deps.now()),
      }, commandContext(call));
      const isNew = changed && state.version === 1;
      return {
        status: isNew ? 201 : 200,
        body: present(state),
        headers: { ...entityTag(state), ...(isNew ? { Location: `/v1/doctors/${params.id}` } : {}) },
      };
    }),
  ];
}
