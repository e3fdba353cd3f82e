import { isTlsRefusal, type Refusal } from "../../../outgoing/refusal.ts";
import type { HandOver } from "../hand-over.ts";

/** What nodemailer tells of a failure. */
interface SmtpError extends Error {
  code?: string;
  command?: string;
  responseCode?: number;
}

/** Replies that speak of the service rather than of this mail (RFC 5321, 4.2.3). */
const serviceReplies = new Set([421, 454, 503, 530, 534, 535, 538]);
const authenticationReplies = new Set([530, 534, 535]);

/**
 * What a failed hand-over proves. A reply always tells that the mail was not taken; without one, only a connection
 * that was lost after the first byte of the mail went out leaves it open.
 */
export function handOverOf(error: unknown, bodyWasRead: boolean): HandOver {
  const { code, command, responseCode, message } = error as SmtpError;
  const reason = withoutAddresses(message);
  if (responseCode !== undefined) {
    const ofThisMail = code === "EENVELOPE" || code === "EMESSAGE";
    // A refused sender is the clinic's own address: no other mail will fare better.
    if (!ofThisMail || serviceReplies.has(responseCode) || command === "MAIL FROM") {
      return { kind: "unavailable", reason, ...refusalOf(code, responseCode) };
    }
    return { kind: responseCode >= 500 ? "rejected" : "deferred", reason };
  }
  if (code === "EENVELOPE" || code === "EMESSAGE") return { kind: "rejected", reason };
  if (bodyWasRead) return { kind: "unknown", reason };
  if (code === "EAUTH") return { kind: "unavailable", reason, refusal: "authentication" };
  return { kind: "unavailable", reason, ...(isTlsRefusal(error) && { refusal: "tls" }) };
}

/** A permanent reply (5yz) to a connection, to a login or to the sender is about the configuration of one of the two. */
function refusalOf(code: string | undefined, responseCode: number): { refusal?: Refusal } {
  if (responseCode < 500) return {};
  // No STARTTLS, or not without it.
  if (code === "ETLS" || responseCode === 538) return { refusal: "tls" };
  if (code === "EAUTH" || authenticationReplies.has(responseCode)) return { refusal: "authentication" };
  return { refusal: "rejected" };
}

/** Servers repeat the recipient in their replies, and reasons are logged. */
function withoutAddresses(text: string): string {
  return text.replace(/[^\s<>@]+@[^\s<>@]+/g, "(address)").slice(0, 500);
}
