import type { HandOver } from "../hand-over.ts";

/** What the gateway's reply proves; an error in its own JSON shape means that it made no message. */
export function handOverOfReply(status: number, body: string): HandOver {
  const reply = parse(body);
  if (status >= 200 && status < 300) {
    return { kind: "accepted", ...(typeof reply.sid === "string" && { reference: reply.sid }) };
  }
  const reason = typeof reply.code === "number" ? `gateway error ${reply.code} (HTTP ${status})` : `HTTP ${status}`;
  // The account or its token is refused, or nobody is served now: no other message will fare better.
  if ([401, 403, 404].includes(status)) return { kind: "unavailable", reason, refusal: "authentication" };
  if (status === 429 || status === 503) return { kind: "unavailable", reason };
  if (status >= 500) return { kind: typeof reply.code === "number" ? "unavailable" : "unknown", reason };
  if (status === 408) return { kind: "unknown", reason };
  return { kind: "rejected", reason };
}

function parse(body: string): { sid?: unknown; code?: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
