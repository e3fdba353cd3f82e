import { type MailPart, readMailParts } from "./mail-parts.ts";
import { readReportAddress } from "./report-address.ts";
import { readReportFields, type ReportFields } from "./report-fields.ts";

const actions = ["failed", "delayed", "delivered", "relayed", "expanded"] as const;

/** What became of the mail to one recipient. */
export interface RecipientReport {
  /** Where it went, or was to go, in lower case. */
  addresses: string[];
  action: (typeof actions)[number];
  /** RFC 3463; nothing of what the server wrote beside it, which may quote the address. */
  status: string | undefined;
}

/** A notification of delivery (RFC 3464). */
export interface DeliveryReport {
  /** What the sender called the hand-over by. */
  envelopeId: string | undefined;
  /** Of the mail that it is about, without angle brackets. */
  messageId: string | undefined;
  recipients: RecipientReport[];
}

/** No more of a mail is read: the explanation, the status and the returned header come first. */
export const maxReportBytes = 65_536;

const reportTypes = ["message/delivery-status", "message/global-delivery-status"];
const returnedTypes = [
  "text/rfc822-headers",
  "message/rfc822-headers",
  "message/rfc822",
  "message/global-headers",
  "message/global",
];

/** Reads a mail, which anybody may have written. Undefined where it is no such notification; it never throws. */
export async function readDeliveryReport(source: Uint8Array): Promise<DeliveryReport | undefined> {
  let mail: Awaited<ReturnType<typeof readMailParts>>;
  try {
    mail = await readMailParts(source.subarray(0, maxReportBytes));
  } catch {
    return undefined;
  }
  const status = textOf(mail.parts, reportTypes);
  if (mail.type !== "multipart/report" || status === undefined) return undefined;
  const groups = readReportFields(status);
  const recipients = groups.flatMap(readRecipient);
  if (recipients.length === 0) return undefined;
  return {
    envelopeId: groups.find((group) => group.has("original-envelope-id"))?.get("original-envelope-id"),
    messageId: readMessageId(textOf(mail.parts, returnedTypes) ?? ""),
    recipients,
  };
}

/** The first part of one of these types. */
function textOf(parts: readonly MailPart[], types: readonly string[]): string | undefined {
  return parts.find(({ type }) => types.includes(type))?.text;
}

function readRecipient(group: ReportFields): RecipientReport[] {
  const word = group.get("action")?.split(/[\s;(]/)[0]?.toLowerCase();
  const action = actions.find((known) => known === word);
  const addresses = ["original-recipient", "final-recipient"].flatMap((name) => readReportAddress(group.get(name)));
  if (!action || addresses.length === 0) return [];
  const status = /^([245]\.\d{1,3}\.\d{1,3})(?!\S)/.exec(group.get("status") ?? "")?.[1];
  return [{ addresses: [...new Set(addresses)], action, status }];
}

/** Of the returned mail's header, which ends with the first empty line. */
function readMessageId(returned: string): string | undefined {
  return /<([^<>\s]{1,500})>/.exec(readReportFields(returned)[0]?.get("message-id") ?? "")?.[1];
}
