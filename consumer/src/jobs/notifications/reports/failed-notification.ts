import type { Channel, Occasion } from "../send.ts";

/** What the ledger says of a send at this moment. */
export interface ReportedSend {
  appointmentId: string;
  channel: Channel;
  recipient: string;
  template: string;
  state: string;
  reason: string | null;
  receipt: string | null;
  /** Whether the number is a doctor's and not the patient's. */
  isDoctors: boolean;
}

/** In the words of the producer's interface. */
export interface FailedNotification {
  appointmentId: string;
  channel: Channel;
  recipient: "patient" | "doctor";
  notification: Occasion;
  reason: "refused" | "bounced" | "undelivered" | "opted_out" | "not_handed_over";
}

const occasions: Record<string, Occasion> = {
  booked: "booked",
  moved: "moved",
  contact: "contact",
  cancelled: "cancelled",
  removed: "removed",
  reminder: "reminder",
};
/** How the reason of a send begins that nobody was given. */
const notHandedOver = /^(put off too often|could not be written|the gateway has no such message)/;
/** Twilio's 21610: the number has sent STOP to the gateway itself. */
const unsubscribed = /^(gateway error 21610 |not delivered: .* 21610$)/;

/** What the producer is told of a send; undefined where it did not fail, or was handed over again since. */
export function failedNotificationOf(send: ReportedSend): FailedNotification | undefined {
  const { appointmentId, channel, template } = send;
  if (send.state !== "failed" && send.state !== "dropped") return undefined;
  const [to = "", occasion = ""] = template.split("-");
  const notification = occasions[occasion];
  if (notification === undefined) return undefined;
  const recipient = to === "doctor" || (to === "sms" && send.isDoctors) ? "doctor" : "patient";
  return { appointmentId, channel, recipient, notification, reason: reasonOf(send) };
}

function reasonOf({ channel, state, reason, receipt }: ReportedSend): FailedNotification["reason"] {
  if (state === "dropped" || unsubscribed.test(reason ?? "")) return "opted_out";
  if (receipt !== null) return channel === "email" ? "bounced" : "undelivered";
  return notHandedOver.test(reason ?? "") ? "not_handed_over" : "refused";
}
