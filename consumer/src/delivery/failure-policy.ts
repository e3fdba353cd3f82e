import type { MessagePropertyHeaders } from "amqplib";
import type { JobQueue, RetryDelay } from "../generated/topology.ts";
import { PermanentError } from "./permanent-error.ts";
import { errorClass, errorText } from "../telemetry/error-text.ts";
import { header } from "../broker/headers.ts";

export interface FailurePolicy {
  /** The queues that a failing message goes through, in this order; after the last come the dead letters. */
  delays: readonly RetryDelay[];
  /** How long an event may wait for a predecessor or a doctor. */
  waitLimitMs: number;
}

/** Where a message goes that its job could not finish, and what is written on it. */
export type Verdict =
  | { kind: "delay"; delay: RetryDelay; headers: Record<string, unknown> }
  | { kind: "dead-letter"; reason: string; headers: Record<string, unknown> };

type Headers = MessagePropertyHeaders | undefined;

/** The policy of one job's queue, with the delays that the configuration names. */
export function failurePolicy(queue: JobQueue, delayNames: readonly string[], waitLimitMs: number): FailurePolicy {
  const byName = new Map(queue.retry.delays.map((delay) => [delay.name, delay]));
  return { delays: delayNames.map((name) => byName.get(name)!), waitLimitMs };
}

function deadLetter(reason: string, headers: Record<string, unknown>): Verdict {
  return { kind: "dead-letter", reason, headers: { ...headers, [header.reason]: reason } };
}

/** After an error: the next delay, or the dead letters when the delays are used up or no retry would mend it. */
export function afterError(error: unknown, received: Headers, now: Date, policy: FailurePolicy): Verdict {
  const attempts = (Number(received?.[header.attempts]) || 0) + 1;
  const headers = {
    [header.attempts]: attempts,
    [header.errorClass]: errorClass(error),
    [header.errorMessage]: errorText(error),
    [header.firstFailedAt]: received?.[header.firstFailedAt] ?? now.toISOString(),
    [header.lastFailedAt]: now.toISOString(),
  };
  if (error instanceof PermanentError) return deadLetter(error.reason, headers);
  const delay = policy.delays[attempts - 1];
  return delay ? { kind: "delay", delay, headers } : deadLetter("retries-exhausted", headers);
}

/** An event that waits is looked at again after a fifth of the time it has waited, so it is late by a fifth at most. */
function waitDelay(waitedMs: number, delays: readonly RetryDelay[]): RetryDelay | undefined {
  const byLength = delays.toSorted((a, b) => a.ttlMs - b.ttlMs);
  return byLength.findLast((delay) => delay.ttlMs <= waitedMs / 5) ?? byLength[0];
}

/** Since when an event waits; a header that is no time, or one to come, is not one of ours. */
function waitingSince(received: Headers, now: Date): Date {
  const since = new Date(String(received?.[header.waitingSince]));
  return since <= now ? since : now;
}

/** While its predecessor or doctor is unknown: a delay that counts as no attempt; past the limit it is a gap. */
export function afterWait(reason: string, received: Headers, now: Date, policy: FailurePolicy): Verdict {
  const since = waitingSince(received, now);
  const waitedMs = now.getTime() - since.getTime();
  const headers = { [header.waitingSince]: since.toISOString(), [header.errorMessage]: errorText(reason) };
  const delay = waitDelay(waitedMs, policy.delays);
  if (waitedMs >= policy.waitLimitMs || !delay) {
    return deadLetter("gap", {
      ...headers,
      [header.attempts]: Number(received?.[header.attempts]) || 0,
      [header.errorClass]: "WaitLimitExceeded",
      [header.firstFailedAt]: received?.[header.firstFailedAt] ?? since.toISOString(),
      [header.lastFailedAt]: now.toISOString(),
    });
  }
  return { kind: "delay", delay, headers };
}
