import type { ConsumeMessage } from "amqplib";
import type { Sql } from "postgres";
import { header } from "../broker/headers.ts";
import type { JobName } from "../generated/jobs.ts";
import { answerInTime } from "../postgres/answer-in-time.ts";
import type { PruneBatch } from "../postgres/retention.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Verdict } from "./failure-policy.ts";
import { identify } from "./identity.ts";

type Forward = (message: ConsumeMessage, verdict: Verdict, log: Logger, gone: AbortSignal) => Promise<void>;

export interface DelayNotesDependencies {
  job: JobName;
  sql: Sql;
  maxMessageBytes: number;
  now: () => Date;
}

const answerTimeoutMs = 1_000;

/**
 * Has each delay written down once its message is durable in the retry queue: a queue tells nobody what it holds, since
 * when and why. The note is for people; that it could not be written delays nothing more.
 */
export function notingDelays({ job, sql, maxMessageBytes, now }: DelayNotesDependencies, forward: Forward): Forward {
  return async function forwardAndNote(message, verdict, log, gone) {
    await forward(message, verdict, log, gone);
    if (verdict.kind !== "delay") return;
    const { eventKey, eventName, aggregateId, correlationId } = identify(message, maxMessageBytes);
    const failed = header.attempts in verdict.headers;
    const at = now();
    const nextAt = new Date(at.getTime() + verdict.delay.ttlMs);
    const reason = errorText(verdict.headers[header.errorMessage]);
    const note = sql`
      insert into delivery_delays as delay (
        job, event_key, aggregate_id, event_name, correlation_id, kind, retries, waits, first_at, last_at, next_at, reason
      ) values (
        ${job}, ${eventKey}, ${aggregateId ?? null}, ${eventName ?? null}, ${correlationId ?? null},
        ${failed ? "retry" : "wait"}, ${failed ? 1 : 0}, ${failed ? 0 : 1}, ${at}, ${at}, ${nextAt}, ${reason}
      )
      on conflict (job, event_key) do update set
        kind = excluded.kind, retries = delay.retries + excluded.retries, waits = delay.waits + excluded.waits,
        last_at = excluded.last_at, next_at = excluded.next_at, reason = excluded.reason`;
    await answerInTime(answerTimeoutMs, note).catch((error) => {
      log.warn({ error: errorText(error) }, "noting a delay failed");
    });
  };
}

export const pruneDelays: PruneBatch = (sql, before, limit) =>
  sql`delete from delivery_delays where ctid in (
    select ctid from delivery_delays where last_at < ${before} limit ${limit})`;
