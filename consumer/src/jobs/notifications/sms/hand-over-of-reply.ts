import type { HandOver } from "../hand-over.ts";

/** What the gateway's reply proves; an error in its own JSON shape means that it made no message. */
export function handOverOfReply(status: number, body: string, retryAfter: string | undefined, now: Date): HandOver {
  const reply = parse(body);
  if (status >= 200 && status < 300) {
    return { kind: "accepted", ...(typeof reply.sid === "string" && { reference: reply.sid }) };
  }
  const reason = typeof reply.code === "number" ? `gateway error ${reply.code} (HTTP ${status})` : `HTTP ${status}`;
  // The account or its token is refused, or nobody is served now: no other message will fare better.
  if ([401, 403, 404].includes(status)) return { kind: "unavailable", reason, refusal: "authentication" };
  if (status === 429 || status === 503) {
    const retryAfterMs = millisecondsOf(retryAfter, now);
    return { kind: "unavailable", reason, ...(retryAfterMs > 0 && { retryAfterMs }) };
  }
  if (status >= 500) return { kind: typeof reply.code === "number" ? "unavailable" : "unknown", reason };
  if (status === 408) return { kind: "unknown", reason };
  return { kind: "rejected", reason };
}

/** Whatever a gateway asks for, somebody looks again before the day is over. */
const maxRetryAfterMs = 3_600_000;

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date; 0 for neither. */
function millisecondsOf(retryAfter: string | undefined, now: Date): number {
  const value = retryAfter?.trim() ?? "";
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Math.min(Math.max(ms || 0, 0), maxRetryAfterMs);
}

function parse(body: string): { sid?: unknown; code?: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
