import { Buffer } from "node:buffer";
import type { MessageProperties, MessagePropertyHeaders, Options } from "amqplib";

/** What the consumer writes on a message that failed or waits. */
export const header = {
  attempts: "x-attempts",
  firstFailedAt: "x-first-failed-at",
  lastFailedAt: "x-last-failed-at",
  errorClass: "x-error-class",
  errorMessage: "x-error-message",
  waitingSince: "x-waiting-since",
  reason: "x-reason",
  dropped: "x-headers-dropped",
  /** Written on receipt, for headers that cannot be decoded. */
  unreadable: "x-headers-unreadable",
} as const;

/** The broker's own notes; sent back they would count towards its dead-letter cycle detection. */
const brokerNotes = /^x-(death$|delivery-count$|first-death-|last-death-|publication$)/;

/** The headers that travel on with a message that is published again. */
export function travellingHeaders(headers: MessagePropertyHeaders | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !brokerNotes.test(name)));
}

/** The headers of a message that starts anew: without what its failures wrote on it. */
export function withoutHistory(headers: Record<string, unknown>): Record<string, unknown> {
  const written: string[] = Object.values(header);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !written.includes(name)));
}

/** The same message's properties for another publication, with `headers` added. */
export function republished(properties: MessageProperties, headers: Record<string, unknown>): Options.Publish {
  const { contentType, contentEncoding, correlationId, messageId, timestamp, type, appId } = properties;
  const known = { contentType, contentEncoding, correlationId, messageId, timestamp, type, appId };
  return {
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined && value !== null)),
    headers: { ...travellingHeaders(properties.headers), ...headers },
  };
}

const understood: string[] = [...Object.values(header), "traceparent", "tracestate", "x-event-version"];
const longestText = 512;
const longestProperty = 255;

const isShort = (value: unknown, longest: number) =>
  typeof value === "string" ? Buffer.byteLength(value) <= longest : Number.isSafeInteger(value);

/**
 * What is certain to be encoded: the properties of the contract and the headers that somebody here reads, with the
 * number of those left out. AMQP carries what amqplib (2.3.1) decodes and cannot encode again: doubles below every
 * integer, tables that it takes for its own notation, and more headers than its 64 KiB buffer holds.
 */
export function surelyEncodable(properties: Options.Publish): Options.Publish {
  const { headers = {}, ...others } = properties;
  const kept = Object.entries(headers).filter(([name, value]) =>
    understood.includes(name) && isShort(value, longestText)
  );
  return {
    ...Object.fromEntries(Object.entries(others).filter(([, value]) => isShort(value, longestProperty))),
    headers: { ...Object.fromEntries(kept), [header.dropped]: Object.keys(headers).length - kept.length },
  };
}

/** How often the broker has delivered this message before. */
export function deliveryCount(headers: MessagePropertyHeaders | undefined, redelivered: boolean): number {
  const count = headers?.["x-delivery-count"];
  return typeof count === "number" ? count : Number(redelivered);
}
