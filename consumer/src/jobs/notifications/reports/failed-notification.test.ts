import { expect, it } from "vitest";
import { failedNotificationOf, type ReportedSend } from "./failed-notification.ts";

const send: ReportedSend = {
  appointmentId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  channel: "sms",
  recipient: "+4930123456",
  template: "sms-booked",
  state: "failed",
  reason: "gateway error 21211 (400)",
  receipt: null,
  isDoctors: false,
};

it.each<[Partial<ReportedSend>, string]>([
  [{}, "refused"],
  [{ channel: "email", template: "patient-booked", reason: "550 no such mailbox" }, "refused"],
  [{ reason: "gateway error 21610 (400)" }, "opted_out"],
  [{ receipt: "undelivered", reason: "not delivered: gateway undelivered 30003" }, "undelivered"],
  [{ receipt: "undelivered", reason: "not delivered: gateway undelivered 21610" }, "opted_out"],
  [{ channel: "email", template: "patient-booked", receipt: "undelivered", reason: "not delivered" }, "bounced"],
  [{ state: "dropped", reason: "the number wants no text messages" }, "opted_out"],
  [{ reason: "put off too often: 450 later" }, "not_handed_over"],
  [{ reason: "could not be written: Error" }, "not_handed_over"],
  [{ reason: "the gateway has no such message" }, "not_handed_over"],
])("%o is told as %s", (fields, reason) => {
  expect(failedNotificationOf({ ...send, ...fields })?.reason).toBe(reason);
});

it("who was to be told, and of what, is said by the template, and by the number where both get the same", () => {
  const told = (fields: Partial<ReportedSend>) => {
    const { recipient, notification } = failedNotificationOf({ ...send, ...fields }) ?? {};
    return [recipient, notification];
  };
  expect(told({})).toEqual(["patient", "booked"]);
  expect(told({ isDoctors: true })).toEqual(["doctor", "booked"]);
  expect(told({ channel: "email", template: "patient-contact" })).toEqual(["patient", "contact"]);
  // A patient may have a doctor's address.
  expect(told({ channel: "email", template: "patient-reminder", isDoctors: true })).toEqual(["patient", "reminder"]);
  expect(told({ channel: "email", template: "doctor-removed" })).toEqual(["doctor", "removed"]);
});

it("a send that is handed over again has not failed", () => {
  for (const state of ["pending", "sending", "sent", "unknown"]) {
    expect(failedNotificationOf({ ...send, state })).toBeUndefined();
  }
});
