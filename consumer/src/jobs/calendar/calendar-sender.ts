import type { Sql } from "postgres";
import type { Logger } from "../../telemetry/logger.ts";
import { type CalendarIntent, ClaimLost, createCalendarIntents } from "./calendar-intents.ts";
import { type Backoff, backoffMs } from "../../outgoing/backoff.ts";
import { type CircuitBreaker, createCircuitBreaker } from "../../outgoing/circuit-breaker.ts";
import { createIntentSender } from "../../outgoing/intent-sender.ts";
import type { Sender } from "../../outgoing/sender.ts";
import { isSameEntry } from "./calendar-entry.ts";
import { type CaldavOptions, CaldavUnavailable, createCaldavClient } from "./caldav-client.ts";

export interface CalendarSenderDependencies {
  sql: Sql;
  log: Logger;
  caldav: CaldavOptions;
  concurrency?: number;
  pollMs?: number;
  /** An intent that the server refuses this often is given up. */
  maxAttempts?: number;
  backoff?: Backoff;
  /** The wait of an intent that found nobody at home; how often that is tried at all is the breaker's business. */
  afterOutageMs?: number;
  breaker?: CircuitBreaker;
}

/** Longer than the requests of one intent can take. */
const leaseMs = 120_000;

/** Makes the doctors' calendars show what the calendar job wants, and writes over nothing that it didn't write. */
export function createCalendarSender(deps: CalendarSenderDependencies): Sender {
  const { sql, log, maxAttempts = 8, backoff = { baseMs: 2000, capMs: 600_000 }, afterOutageMs = 1000 } = deps;
  const client = createCaldavClient(deps.caldav);
  const intents = createCalendarIntents(sql);
  const breaker = deps.breaker ??
    createCircuitBreaker({ threshold: 5, cooldown: { baseMs: 1000, capMs: 60_000 }, now: () => new Date() });

  /** What the calendar holds of this sender's writing: nothing when the ETag is null; undefined when it was changed. */
  async function find(intent: CalendarIntent): Promise<{ etag: string | null; content: string | null } | undefined> {
    const known = { etag: intent.etag, content: intent.written };
    if (intent.sent === null) return known;
    const found = await client.get(intent.doctorId, intent.appointmentId);
    if (!found) return { etag: null, content: null };
    if (intent.sent !== "" && isSameEntry(found.content, intent.sent)) {
      return { etag: found.etag, content: intent.sent };
    }
    return found.etag === intent.etag ? known : undefined;
  }

  async function synchronise(intent: CalendarIntent): Promise<void> {
    const { doctorId, appointmentId, content } = intent;
    const held = await find(intent);
    if (!held) return await conflict(intent);
    if (held.content === content) return await complete(intent, held.etag);
    await intents.noteSent(intent, content ?? "");
    if (content === null) {
      if (await client.remove(doctorId, appointmentId, held.etag!) === "changed") return await conflict(intent);
      return await complete(intent, null);
    }
    const answer = await client.put(doctorId, appointmentId, content, held.etag);
    if (answer.kind === "changed") return await conflict(intent);
    await complete(intent, answer.etag);
  }

  async function complete(intent: CalendarIntent, etag: string | null): Promise<void> {
    const changed = intent.written !== intent.content;
    const action = intent.content === null ? "removed" : "written";
    await intents.complete(intent, etag, changed ? action : undefined);
    if (changed) log.info(identify(intent), `calendar entry ${action}`);
  }

  async function conflict(intent: CalendarIntent): Promise<void> {
    log.warn(identify(intent), "calendar entry was changed by someone else; left as it is");
    await intents.giveUp(intent, "conflict", "changed by someone else");
  }

  async function carryOut(intent: CalendarIntent): Promise<"done" | "unavailable"> {
    try {
      return await attempt(intent);
    } catch (error) {
      if (!(error instanceof ClaimLost)) throw error;
      log.warn(identify(intent), error.message);
      return "done";
    }
  }

  async function attempt(intent: CalendarIntent): Promise<"done" | "unavailable"> {
    try {
      await synchronise(intent);
      return "done";
    } catch (error) {
      if (error instanceof ClaimLost) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ ...identify(intent), err: error }, "writing a calendar entry failed");
      if (error instanceof CaldavUnavailable) {
        await intents.retryIn(intent, afterOutageMs, intent.attempts, reason);
        return "unavailable";
      }
      const attempts = intent.attempts + 1;
      if (attempts >= maxAttempts) await intents.giveUp(intent, "failed", reason);
      else await intents.retryIn(intent, backoffMs(attempts, backoff), attempts, reason);
      return "done";
    }
  }

  return createIntentSender({
    name: "calendar",
    concurrency: deps.concurrency ?? 4,
    pollMs: deps.pollMs ?? 1000,
    breaker,
    log,
    claim: (limit) => intents.claim(limit, leaseMs),
    carryOut,
  });
}

function identify({ appointmentId, doctorId, eventKey, correlationId }: CalendarIntent) {
  return {
    sender: "calendar",
    eventId: eventKey ?? undefined,
    correlationId: correlationId ?? undefined,
    aggregateId: appointmentId,
    doctorId,
  };
}
