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

export const arriveAppointment = operation({
  ...action,
  operationId: "arriveAppointment",
  path: "/v1/appointments/{id}/arrive",
  summary: "The patient has arrived",
  body: nothing,
});

export const completeAppointment = operation({
  ...action,
  operationId: "completeAppointment",
  path: "/v1/appointments/{id}/complete",
  summary: "The visit took place",
  body: nothing,
});

export const noShowAppointment = operation({
  ...action,
  operationId: "noShowAppointment",
  path: "/v1/appointments/{id}/no-show",
  summary: "The patient did not come",
  body: nothing,
});
