import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumeMessage } from "amqplib";
import type { JSONValue, Sql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import type { JobQueue } from "../generated/topology.ts";
import { appendAudit } from "../postgres/audit-log.ts";
import { type NewDeadLetter, storeDeadLetter } from "../postgres/dead-letters.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { BrokerConnection } from "./connection.ts";
import { header, travellingHeaders } from "./headers.ts";
import { createPausableConsumer } from "./pausable-consumer.ts";
import { createQueueConsumer, type QueueConsumer } from "./queue-consumer.ts";
import { declareTopology } from "./topology.ts";

export interface DeadLetterConsumerDependencies {
  job: JobName;
  queue: JobQueue;
  connection: BrokerConnection;
  sql: Sql;
  log: Logger;
  now: () => Date;
}

const pauseMs = 5_000;
const prefetch = 20;

/** The text fields of a body that may be anything. */
function fieldsOf(
  content: Uint8Array,
): Partial<Record<"eventId" | "eventName" | "aggregateId" | "correlationId", string>> {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(content));
    if (typeof body !== "object" || body === null) return {};
    return Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === "string"));
  } catch {
    return {};
  }
}

/** The job's reason, else the broker's own (`delivery_limit`, …). */
function reasonOf(headers: Record<string, unknown>): string {
  const deaths = headers["x-death"] as { reason?: string }[] | undefined;
  return String(headers[header.reason] ?? deaths?.[0]?.reason ?? headers["x-first-death-reason"] ?? "unknown");
}

/** PostgreSQL keeps no NUL characters in text or JSON, and whoever sends a poison message may well send one. */
function withoutNul<Value>(value: Value): Value {
  const clean = (text: string) => text.replaceAll("\0", "\uFFFD");
  return JSON.parse(JSON.stringify(value), (_, inner) => {
    if (typeof inner === "string") return clean(inner);
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, member]) => [clean(name), member]));
  });
}

function read(job: JobName, { content, properties }: ConsumeMessage): NewDeadLetter {
  const { headers = {}, ...others } = properties;
  const bodyHash = createHash("sha256").update(content).digest("hex");
  const fields = fieldsOf(content);
  const identity = headers["x-publication"] ?? JSON.stringify([bodyHash, headers["x-death"]]);
  const letter = {
    job,
    reason: reasonOf(headers),
    eventKey: fields.eventId ?? (properties.messageId || bodyHash),
    eventName: fields.eventName,
    aggregateId: fields.aggregateId,
    correlationId: fields.correlationId ?? properties.correlationId,
    properties: others as unknown as JSONValue,
    headers: { ...travellingHeaders(headers), "x-death": headers["x-death"] ?? null } as JSONValue,
    deliveryHash: createHash("sha256").update(`${job} ${identity}`).digest("hex"),
  };
  return { ...withoutNul(letter), body: content };
}

/** Moves a job's dead letters into the database, whatever is in them; one that cannot be stored holds up no other. */
export function createDeadLetterConsumer(dependencies: DeadLetterConsumerDependencies): QueueConsumer {
  const { job, queue, connection, sql, log, now } = dependencies;

  async function store(letter: NewDeadLetter): Promise<string | undefined> {
    return await sql.begin(async (transaction) => {
      const id = await storeDeadLetter(transaction, letter);
      if (id === undefined) return undefined;
      const { eventKey, eventName, aggregateId, correlationId, reason } = letter;
      const occurredAt = now();
      const detail = { reason, deadLetter: id };
      const action = "dead-lettered";
      await appendAudit(transaction, {
        occurredAt,
        job,
        action,
        eventKey,
        eventName,
        aggregateId,
        correlationId,
        detail,
      });
      return id;
    });
  }

  async function handle(message: ConsumeMessage, gone: AbortSignal): Promise<void> {
    const letter = read(job, message);
    const { reason, eventKey: eventId, correlationId } = letter;
    for (;;) {
      try {
        const id = await store(letter);
        if (id !== undefined) log.error({ job, deadLetter: id, reason, eventId, correlationId }, "dead letter stored");
        return;
      } catch (error) {
        log.error({ job, reason, eventId, error: errorText(error) }, "a dead letter could not be stored yet");
        await sleep(pauseMs, undefined, { signal: gone });
      }
    }
  }

  const consumer = createQueueConsumer({
    connection,
    queue: queue.deadLetter.queue,
    prefetch,
    handle,
    restore: (model) => declareTopology(model, [queue]),
    log,
  });
  return createPausableConsumer(sql, job, consumer);
}
