import * as v from "valibot";
import { channels, type ContactProblem, failureReasons, notifications, recipients } from "../domain/contact-problem.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";

export const channel = described("How somebody was to be reached", v.picklist(channels), "sms");
export const recipient = described("Who was to be told", v.picklist(recipients), "patient");
export const notification = described(
  "What was to be told: `contact` is the confirmation that goes to a new address or number, `removed` what a doctor is " +
    "told who does not have the visit any more",
  v.picklist(notifications),
  "booked",
);
export const reason = described(
  "Why it did not arrive: refused by the mail server or the gateway; taken and then bounced (mail) or undelivered (text " +
    "message); opted_out, where the number wants none; or not_handed_over to anybody",
  v.picklist(failureReasons),
  "undelivered",
);

export const contactProblemView = v.pipe(
  v.strictObject({
    channel,
    recipient,
    notification: v.optional(notification),
    reason,
    since: fields.moment("When it turned out"),
  }),
  v.metadata({ ref: "ContactProblem" }),
);

export function presentContactProblem({ since, ...problem }: ContactProblem): v.InferOutput<typeof contactProblemView> {
  return { ...problem, since: since.toISOString() };
}
