import * as v from "valibot";
import { appointmentExample, appointmentView } from "./appointment-view.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";

const action = {
  tag: "Visits",
  method: "post",
  scope: "appointments:write",
  writes: true,
  preconditions: ["If-Match"],
  params: v.strictObject({ id: fields.appointmentId }),
  success: {
    200: {
      description: "Done, or it had been done before",
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
  tag: "Appointments",
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

export const reopenAppointment = operation({
  ...action,
  operationId: "reopenAppointment",
  path: "/v1/appointments/{id}/reopen",
  summary: "Take back an arrival, a completion or a no-show",
  description: "The appointment is booked again, at its time. A completed visit and a no-show no longer hold their " +
    "slot: if another visit has taken it, the answer is `slot-unavailable`, and the appointment stays as it is. " +
    " A cancelled appointment can't be reopened, since everybody was told: book anew.",
  body: nothing,
  success: {
    200: {
      ...action.success[200],
      description: "Booked again, or it was booked all along",
      example: { ...appointmentExample, version: 3 },
    },
  },
  problems: [...action.problems, "slot-unavailable"],
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
