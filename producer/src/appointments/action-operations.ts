import * as v from "valibot";
import { appointmentExample, appointmentView } from "./appointment-view.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";

const action = {
  tag: "Appointments",
  method: "post",
  scope: "appointments:write",
  writes: true,
  preconditions: ["If-Match"],
  params: v.strictObject({ id: fields.appointmentId }),
  success: {
    200: {
      description: "Done, or already so",
      schema: appointmentView,
      example: { ...appointmentExample, version: 2, status: "arrived" },
      headers: ["ETag"],
    },
  },
  problems: ["appointment-not-found", "invalid-transition"],
} as const;
const nothing = { schema: v.strictObject({}), example: {}, optional: true } as const;

export const cancelAppointment = operation({
  ...action,
  operationId: "cancelAppointment",
  path: "/v1/appointments/{id}/cancel",
  summary: "Cancel an appointment",
  body: {
    optional: true,
    schema: v.strictObject({
      cancelledBy: v.optional(fields.cancelledBy),
      reasonCode: v.optional(fields.reasonCode),
    }),
    example: { cancelledBy: "patient", reasonCode: "feeling-better" },
  },
});

const timed = { ...action, problems: [...action.problems, "too-early"] } as const;

export const arriveAppointment = operation({
  ...timed,
  operationId: "arriveAppointment",
  path: "/v1/appointments/{id}/arrive",
  summary: "The patient has arrived",
  description: "From the first instant of the visit's local day on, or from as many minutes before its start as the " +
    "service is configured with (ARRIVE_LEAD_MINUTES). `allowedFrom` of `too-early` says when that is.",
  body: nothing,
});

const fromTheStart = "From the visit's start on. `allowedFrom` of `too-early` says when that is.";

export const completeAppointment = operation({
  ...timed,
  operationId: "completeAppointment",
  path: "/v1/appointments/{id}/complete",
  summary: "The visit took place",
  description: fromTheStart,
  body: nothing,
});

export const noShowAppointment = operation({
  ...timed,
  operationId: "noShowAppointment",
  path: "/v1/appointments/{id}/no-show",
  summary: "The patient did not come",
  description: fromTheStart,
  body: nothing,
});
