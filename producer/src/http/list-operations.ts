import * as v from "valibot";
import { statuses } from "../domain/appointment.ts";
import { appointmentExample, appointmentView } from "./appointment-view.ts";
import * as fields from "./fields.ts";
import { operation } from "./operation.ts";
import { page, paging } from "./page.ts";

const shared = { tag: "Appointments", scope: "appointments:read", problems: ["invalid-cursor"] } as const;

const filters = {
  doctorId: v.optional(fields.doctorId),
  patientEmail: v.optional(fields.email),
  status: v.optional(v.picklist(statuses)),
  from: v.optional(fields.instant),
  to: v.optional(fields.instant),
  updatedSince: v.optional(fields.instant),
  sort: v.optional(v.picklist(["appointmentDate", "-appointmentDate", "updatedAt", "-updatedAt"]), "appointmentDate"),
};
const pageOfAppointments = page("AppointmentPage", appointmentView);

export const listAppointments = operation({
  ...shared,
  operationId: "listAppointments",
  method: "get",
  path: "/v1/appointments",
  summary: "List appointments",
  description:
    "`from` is inclusive and `to` exclusive; both are about appointmentDate. For a patient's address rather " +
    "use the search: an address in a URL ends up in logs.",
  query: v.strictObject({ ...filters, ...paging.query }),
  success: {
    200: {
      description: "A page",
      schema: pageOfAppointments,
      example: { items: [appointmentExample] },
      headers: ["Link"],
    },
  },
});

export const searchAppointments = operation({
  ...shared,
  operationId: "searchAppointments",
  method: "post",
  path: "/v1/appointments/search",
  summary: "List appointments, with the filters in the body",
  body: {
    schema: v.pipe(v.strictObject({ ...filters, ...paging.body }), v.metadata({ ref: "AppointmentSearch" })),
    example: { patientEmail: "ada@example.org", sort: "-appointmentDate", limit: 10 },
  },
  success: { 200: { description: "A page", schema: pageOfAppointments, example: { items: [appointmentExample] } } },
});
