import * as v from "valibot";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";
import { channel, notification, reason, recipient } from "../appointments/contact-problem-view.ts";

const shared = { tag: "Operations", method: "post", scope: "ops", writes: true } as const;
const example = "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4be3";
const id = (description: string) => described(description, fields.appointmentId, example);
const digest = (of: string) =>
  described(
    `The SHA-256 of ${of}, in hexadecimal digits`,
    v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits in lower case")),
    "6c6f76656c6163656c6f76656c6163656c6f76656c6163656c6f76656c616365",
  );
const instant = (description: string) => described(description, fields.instant, "2026-11-23T08:16:00.000Z");

export const reportFailedNotification = operation({
  ...shared,
  operationId: "reportFailedNotification",
  path: "/ops/failed-notifications",
  summary: "Report a notification that did not arrive",
  description:
    "For whoever tells patients and doctors of their visits. The appointment shows it among its `contactProblems`, and " +
    "`notification.failed` tells it to the other services. A report that comes again changes nothing. Where the patient " +
    "has another address or number by now it is told and not shown.",
  body: {
    schema: v.pipe(
      v.strictObject({
        id: id("The notification; its event has this id"),
        appointmentId: fields.appointmentId,
        channel,
        recipient,
        notification,
        reason,
        contact: digest("the address, in lower case, or of the number that it went to"),
        failedAt: instant("When it turned out"),
      }),
      v.metadata({ ref: "FailedNotification" }),
    ),
    example: {
      id: example,
      appointmentId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
      channel: "sms",
      recipient: "patient",
      notification: "booked",
      reason: "undelivered",
      contact: "6c6f76656c6163656c6f76656c6163656c6f76656c6163656c6f76656c616365",
      failedAt: "2026-11-23T08:16:00.000Z",
    },
  },
  success: {
    200: {
      description: "Told, now or before",
      schema: v.pipe(
        v.strictObject({
          id: id("The notification"),
          shown: described("Whether the appointment shows it", v.boolean()),
        }),
        v.metadata({ ref: "FailedNotificationReport" }),
      ),
      example: { id: example, shown: true },
    },
  },
  problems: ["appointment-not-found", "patient-erased"],
});

export const reportOptOut = operation({
  ...shared,
  operationId: "reportOptOut",
  path: "/ops/opt-outs",
  summary: "Report that a number wants no more text messages, or wants them again",
  description:
    "For whoever takes the replies. The appointments of the number that are still to come show it among their " +
    "`contactProblems`, and `patient.opted_out` names them to the other services. `optedOut: false` takes it back. A " +
    "report that comes again changes nothing.",
  body: {
    schema: v.pipe(
      v.strictObject({
        id: id("This opting out; its events have this id"),
        channel: described("What is not wanted any more", v.picklist(["sms"]), "sms"),
        contact: digest("the number"),
        optedOut: described("false where they are wanted again", v.boolean()),
        at: instant("When the number said so"),
      }),
      v.metadata({ ref: "OptOut" }),
    ),
    example: {
      id: example,
      channel: "sms",
      contact: "6c6f76656c6163656c6f76656c6163656c6f76656c6163656c6f76656c616365",
      optedOut: true,
      at: "2026-11-23T08:14:00.000Z",
    },
  },
  success: {
    200: {
      description: "Taken, now or before",
      schema: v.pipe(
        v.strictObject({
          id: id("This opting out"),
          appointments: described(
            "Appointments that show it since this request, or do not any more",
            v.pipe(v.number(), v.integer(), v.minValue(0)),
          ),
        }),
        v.metadata({ ref: "OptOutReport" }),
      ),
      example: { id: example, appointments: 1 },
    },
  },
  problems: [],
});
