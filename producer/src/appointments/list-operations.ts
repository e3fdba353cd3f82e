import * as v from "valibot";
import { appointmentExample, appointmentView } from "./appointment-view.ts";
import * as caller from "./caller-fields.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";
import { page, paging } from "../http/page.ts";
import { several } from "../http/several.ts";
import { statuses } from "../domain/appointment.ts";

const shared = { tag: "Appointments", scope: "appointments:read", problems: ["invalid-cursor"] } as const;

const doctorId = several(fields.doctorId, {
  description: "The doctor, by an id of the clinic's choosing",
  max: 20,
  example: "dr-lovelace,dr-hopper",
});
const status = several(fields.status, {
  description: "The status of the appointment, in FHIR's words",
  max: statuses.length,
  example: "booked,arrived",
});

const filters = {
  patientEmail: v.optional(described("The patient's address, in whatever capitals", fields.email, "ada@example.org")),
  reference: v.optional(
    described(
      "Visits with this reference of the caller's, exactly as it is written",
      caller.reference,
      "case-2030-117",
    ),
  ),
  from: v.optional(
    described("Visits that begin at this instant or later", fields.instant, "2030-12-02T00:00:00Z"),
  ),
  to: v.optional(described("Visits that begin before this instant", fields.instant, "2030-12-09T00:00:00Z")),
  createdSince: v.optional(
    described("Appointments that were made at this instant or later", fields.instant, "2030-12-01T08:00:00Z"),
  ),
  updatedSince: v.optional(
    described("Appointments that were changed at this instant or later", fields.instant, "2030-12-01T08:00:00Z"),
  ),
  sort: v.optional(
    described(
      "The order of the list; with a minus the latest comes first. Without it: by updatedAt where updatedSince " +
        "is given, by createdAt where createdSince is, else by appointmentDate",
      v.picklist(["appointmentDate", "-appointmentDate", "createdAt", "-createdAt", "updatedAt", "-updatedAt"]),
      "-appointmentDate",
    ),
  ),
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
  query: v.strictObject({
    doctorId: v.optional(doctorId.query),
    status: v.optional(status.query),
    ...filters,
    ...paging.query,
  }),
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
    schema: v.pipe(
      v.strictObject({
        doctorId: v.optional(doctorId.body),
        status: v.optional(status.body),
        ...filters,
        ...paging.body,
      }),
      v.metadata({ ref: "AppointmentSearch" }),
    ),
    example: { patientEmail: "ada@example.org", status: ["booked", "arrived"], sort: "-appointmentDate", limit: 10 },
  },
  success: { 200: { description: "A page", schema: pageOfAppointments, example: { items: [appointmentExample] } } },
});
