import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumeMessage } from "amqplib";
import type { JSONValue, Sql } from "postgres";
import type { JobName } from "../../generated/jobs.ts";
import type { JobQueue } from "../../generated/topology.ts";
import { answerInTime } from "../../postgres/answer-in-time.ts";
import type { JobPauses } from "../../postgres/job-pauses.ts";
import { appendAudit } from "../../jobs/audit/audit-log.ts";
import { isErased } from "../erased-appointments.ts";
import { erasedWhy } from "./erase-dead-letters.ts";
import { type NewDeadLetter, settleDeadLetter, storeDeadLetter } from "./dead-letter-store.ts";
import { errorText } from "../../telemetry/error-text.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { BrokerConnection } from "../../broker/connection.ts";
import { header, travellingHeaders } from "../../broker/headers.ts";
import { identify } from "../identity.ts";
import { createSemaphore } from "../semaphore.ts";
import { createPausableConsumer } from "../../broker/pausable-consumer.ts";
import { createQueueConsumer, type QueueConsumer } from "../../broker/queue-consumer.ts";
import { declareTopology } from "../../broker/topology.ts";

export interface DeadLetterConsumerDependencies {
  job: JobName;
  queue: JobQueue;
  connection: BrokerConnection;
  /** A longer body is stored, one at a time, but not read. */
  maxMessageBytes: number;
  sql: Sql;
  pauses: JobPauses;
  log: Logger;
  now: () => Date;
  /** Called after a commit that has added to the audit trail. */
  audited?: () => void;
}

const pauseMs = 5_000;
const answerTimeoutMs = 30_000;
const prefetch = 20;

/** The job's reason, else the broker's own (`delivery_limit`, …); whoever publishes may have written anything there. */
function reasonOf(headers: Record<string, unknown>): string {
  const deaths = headers["x-death"] as { reason?: unknown }[] | null | undefined;
  const reasons = [headers[header.reason], deaths?.[0]?.reason, headers["x-first-death-reason"]];
  return reasons.find((reason) => typeof reason === "string" && /^[a-z][a-z_-]{0,63}$/.test(reason)) as string ??
    "unknown";
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

function read(job: JobName, message: ConsumeMessage, maxBytes: number): NewDeadLetter {
  const { content, fields, properties: { headers = {}, ...properties } } = message;
  const { "x-publication": publication, "x-death": deaths = null } = headers;
  const reason = reasonOf(headers);
  // What has taken processes down may have taken down the one that was to store it.
  const readable = fields.redelivered && reason === "crashed-process" ? 0 : maxBytes;
  const delivery = createHash("sha256").update(JSON.stringify([job, publication, deaths])).update(content);
  return {
    job,
    reason,
    ...identify(message, readable),
    body: content,
    properties: withoutNul(properties as unknown as JSONValue),
    headers: withoutNul({ ...travellingHeaders(headers), "x-death": deaths } as JSONValue),
    deliveryHash: delivery.digest("hex"),
  };
}

/** That it came, and nothing that it said. */
function emptied(letter: NewDeadLetter): NewDeadLetter {
  return { ...letter, body: new Uint8Array(), properties: {}, headers: {} };
}

/** Moves a job's dead letters into the database, whatever is in them; one that cannot be stored holds up no other. */
export function createDeadLetterConsumer(dependencies: DeadLetterConsumerDependencies): QueueConsumer {
  const { job, queue, connection, maxMessageBytes, sql, pauses, log, now, audited } = dependencies;
  // The driver writes a body out as text of twice its length: many long ones at once would fill the heap.
  const oneAtATime = createSemaphore(1);

  async function store(letter: NewDeadLetter): Promise<string | undefined> {
    return await sql.begin(async (transaction) => {
      const erased = letter.aggregateId !== undefined && await isErased(transaction, letter.aggregateId);
      const id = await storeDeadLetter(transaction, erased ? emptied(letter) : letter);
      if (id === undefined) return undefined;
      if (erased) await settleDeadLetter(transaction, id, "discarded", erasedWhy);
      const { reason, eventKey, eventName, aggregateId, correlationId } = letter;
      const named = { job, eventKey, eventName, aggregateId, correlationId };
      const detail = { reason, deadLetter: id };
      const action = erased ? "erased" : "dead-lettered";
      await appendAudit(transaction, { ...named, occurredAt: now(), action, detail });
      return id;
    });
  }

  async function handle(message: ConsumeMessage, gone: AbortSignal): Promise<void> {
    if (message.content.length <= maxMessageBytes) return await storeAtLast(message, gone);
    await oneAtATime.run(1, () => storeAtLast(message, gone));
  }

  async function storeAtLast(message: ConsumeMessage, gone: AbortSignal): Promise<void> {
    const letter = read(job, message, maxMessageBytes);
    const { reason, eventKey: eventId, correlationId } = letter;
    for (;;) {
      try {
        const id = await answerInTime(answerTimeoutMs, store(letter));
        audited?.();
        if (id !== undefined) log.error({ job, deadLetter: id, reason, eventId, correlationId }, "dead letter stored");
        return;
      } catch (error) {
        const text = errorText(error);
        log.error({ job, reason, eventId, correlationId, error: text }, "storing a dead letter failed, retrying");
        await sleep(pauseMs, undefined, { signal: gone });
      }
    }
  }

  const consumer = createQueueConsumer({
    connection,
    queue: queue.deadLetter.queue,
    prefetch,
    maxMessageBytes,
    handle,
    restore: (model) => declareTopology(model, [queue]),
    log,
  });
  return createPausableConsumer(pauses, job, consumer);
}
