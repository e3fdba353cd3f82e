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

/** How often the broker has delivered this message before. */
export function deliveryCount(headers: MessagePropertyHeaders | undefined, redelivered: boolean): number {
  const count = headers?.["x-delivery-count"];
  return typeof count === "number" ? count : Number(redelivered);
}
