import * as v from "valibot";
import { readPages } from "../replay/read-pages.ts";
import type { OpsOptions } from "../replay/request-producer.ts";
import { isIdentifier } from "../telemetry/error-text.ts";
import type { ArchivedFact, PendingFact, ProducerFacts } from "./facts.ts";

const moment = v.pipe(v.string(), v.transform((text) => new Date(text)));
const archivedSchema = v.object({
  eventId: v.string(),
  eventName: v.string(),
  aggregateVersion: v.optional(v.number()),
  body: v.string(),
  headers: v.record(v.string(), v.union([v.string(), v.number()])),
  publishedAt: moment,
  committedAt: v.optional(moment),
  failedPublications: v.optional(v.number()),
});
const pendingSchema = v.object({
  eventId: v.string(),
  eventName: v.string(),
  aggregateVersion: v.optional(v.number()),
  createdAt: moment,
  attempts: v.number(),
  lastAttemptAt: v.optional(moment),
  lastError: v.optional(v.string()),
});

const envelopeSchema = v.object({
  timestamp: v.optional(v.string()),
  actor: v.optional(v.unknown()),
  correlationId: v.optional(v.unknown()),
});

/** Of the body only what is nobody's business but the operator's: who asked, when, and in which request. */
function readArchived({ body, headers, ...event }: v.InferOutput<typeof archivedSchema>): ArchivedFact {
  const parsed = v.safeParse(envelopeSchema, parseJson(body));
  const { timestamp, actor, correlationId } = parsed.success ? parsed.output : {};
  const toldAt = new Date(timestamp ?? NaN);
  return {
    ...event,
    aggregateVersion: event.aggregateVersion,
    committedAt: event.committedAt,
    failedPublications: event.failedPublications,
    toldAt: Number.isNaN(toldAt.getTime()) ? undefined : toldAt,
    actor: isIdentifier(actor) ? actor : undefined,
    correlationId: isIdentifier(correlationId) ? correlationId : undefined,
    traceparent: typeof headers["traceparent"] === "string" ? headers["traceparent"] : undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** What the producer tells of an appointment or doctor: an outage of it is an answer, not a failure. */
export async function readProducer(producer: OpsOptions | undefined, aggregateId: string): Promise<ProducerFacts> {
  if (!producer) return { kind: "none" };
  try {
    // The outbox first: what is confirmed in between is then in both, and not in neither.
    const pending = await all(readPages<PendingFact>(producer, "outbox", pendingSchema as never, { aggregateId }));
    const archived = await all(readPages(producer, "archive", archivedSchema, { aggregateId }));
    return { kind: "told", pending, archived: archived.map(readArchived) };
  } catch (error) {
    return { kind: "silent", reason: reasonOf(error) };
  }
}

/** Without its address and without what the other side wrote. */
function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return / answered (\d{3})/.exec(message)?.[0].trim() ?? / failed: (.*)$/.exec(message)?.[1] ??
    "it did not answer as agreed";
}
