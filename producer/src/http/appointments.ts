import * as v from "valibot";
import { type Appointment, cancellers, statuses } from "../domain/appointment.ts";
import { bookAppointment } from "../domain/book-appointment.ts";
import { DomainError } from "../domain/domain-error.ts";
import { formatLocal } from "../domain/local-time.ts";
import { omitUndefined } from "../domain/omit-undefined.ts";
import { appointmentStore } from "../postgres/appointment-store.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import type { Sql } from "../postgres/database.ts";
import { commandContext, entityTag } from "./command-context.ts";
import * as fields from "./fields.ts";
import { operation } from "./operation.ts";
import { serve, type Served } from "./serve-operation.ts";

const appointmentView = v.pipe(
  v.strictObject({
    id: v.string(),
    version: v.number(),
    status: v.picklist(statuses),
    doctorId: v.string(),
    appointmentDate: v.string(),
    durationMinutes: v.number(),
    timeZone: v.string(),
    patientEmail: v.string(),
    patientPhone: v.optional(v.string()),
    locale: v.optional(v.string()),
    overbooked: v.optional(v.boolean()),
    cancelledBy: v.optional(v.picklist(cancellers)),
    reasonCode: v.optional(v.string()),
    createdAt: v.string(),
    updatedAt: v.string(),
  }),
  v.metadata({ ref: "Appointment" }),
);

function present(appointment: Appointment): v.InferOutput<typeof appointmentView> {
  const { startsAt, overbooked, createdAt, updatedAt, ...rest } = appointment;
  return omitUndefined({
    ...rest,
    appointmentDate: formatLocal(startsAt, appointment.timeZone),
    overbooked: overbooked || undefined,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  });
}

const post = operation({
  operationId: "bookAppointment",
  method: "post",
  path: "/v1/appointments",
  tag: "Appointments",
  summary: "Book an appointment",
  scope: "appointments:write",
  body: {
    schema: v.strictObject({
      patientEmail: fields.email,
      doctorId: fields.doctorId,
      appointmentDate: fields.instant,
      durationMinutes: v.optional(fields.durationMinutes, 30),
      timeZone: v.optional(fields.timeZone),
      patientPhone: v.optional(fields.phone),
      locale: v.optional(fields.locale),
    }),
    example: {
      patientEmail: "ada@example.org",
      doctorId: "dr-lovelace",
      appointmentDate: "2030-12-02T10:00:00+01:00",
    },
  },
  success: { 201: { description: "Booked", schema: appointmentView, headers: ["Location", "ETag"] } },
  problems: ["unknown-doctor", "invalid-value", "slot-unavailable"],
});

const get = operation({
  operationId: "getAppointment",
  method: "get",
  path: "/v1/appointments/{id}",
  tag: "Appointments",
  summary: "Read an appointment",
  scope: "appointments:read",
  params: v.strictObject({ id: fields.uuid }),
  success: { 200: { description: "The appointment", schema: appointmentView, headers: ["ETag"] } },
  problems: ["appointment-not-found"],
});

export function serveAppointments(deps: {
  sql: Sql;
  commandPath: CommandPath;
  now: () => Date;
  newAppointmentId: () => string;
}): Served[] {
  return [
    serve(post, async ({ body }, call) => {
      const { appointmentDate: startsAt, ...rest } = body;
      const id = deps.newAppointmentId();
      const { state } = await deps.commandPath.execute(appointmentStore, {
        id,
        doctorId: () => body.doctorId,
        decide: (_, doctor) =>
          bookAppointment(
            { timeZone: undefined, patientPhone: undefined, locale: undefined, ...rest, id, startsAt },
            doctor,
            deps.now(),
          ),
      }, commandContext(call));
      return {
        status: 201,
        body: present(state),
        headers: { ...entityTag(state), Location: `/v1/appointments/${id}` },
      };
    }),

    serve(get, async ({ params }) => {
      const appointment = await appointmentStore.find(deps.sql, params.id);
      if (!appointment) throw new DomainError("appointment-not-found", `There is no appointment ${params.id}`);
      return { status: 200, body: present(appointment), headers: entityTag(appointment) };
    }),
  ];
}
