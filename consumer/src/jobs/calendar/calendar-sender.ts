import type { Sql } from "postgres";
import { errorClass, errorText } from "../../telemetry/error-text.ts";
import type { IntentTrace } from "../../telemetry/intent-span.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { wakeSetAside } from "./no-calendar-sender.ts";
import { type CalendarIntent, createCalendarIntents } from "./calendar-intents.ts";
import { ClaimLost } from "./claim.ts";
import { type Backoff, backoffMs } from "../../outgoing/backoff.ts";
import { type CircuitBreaker, createCircuitBreaker } from "../../outgoing/circuit-breaker.ts";
import { type DependencyWatch, unwatched } from "../../outgoing/dependency-watch.ts";
import { type CarriedOut, createIntentSender } from "../../outgoing/intent-sender.ts";
import type { Refusal } from "../../outgoing/refusal.ts";
import type { Worker } from "../../outgoing/worker.ts";
import { CaldavRefused, createCaldavClient } from "./caldav-client.ts";
import { type CaldavOptions, CaldavUnavailable } from "./dav-request.ts";
import { createEntrySynchroniser, identify, type RecordEnd } from "./entry-synchroniser.ts";

export interface CalendarSenderDependencies {
  sql: Sql;
  log: Logger;
  caldav: CaldavOptions;
  concurrency?: number;
  /** An intent that the server refuses this often is given up. */
  maxAttempts?: number;
  backoff?: Backoff;
  /** The wait of an intent that found nobody at home; how often that is tried at all is the breaker's business. */
  afterOutageMs?: number;
  breaker?: CircuitBreaker;
  watch?: DependencyWatch;
  trace?: IntentTrace;
  audited?: () => void;
}

type Attempt = {
  outcome: CarriedOut["outcome"];
  record: RecordEnd;
  /** The class of what went wrong. */
  failed?: string;
};

/** Longer than the requests of one intent can take. */
const leaseMs = 300_000;

/** Makes the doctors' calendars show what the calendar job wants, and writes over nothing that it didn't write. */
export function createCalendarSender(deps: CalendarSenderDependencies): Worker {
  const { sql, log, maxAttempts = 8, backoff = { baseMs: 2000, capMs: 600_000 }, afterOutageMs = 1000 } = deps;
  const watch = deps.watch ?? unwatched;
  const intents = createCalendarIntents(sql);
  const synchronise = createEntrySynchroniser({ client: createCaldavClient(deps.caldav), intents, watch, log });
  const breaker = deps.breaker ??
    createCircuitBreaker({ threshold: 5, cooldown: { baseMs: 1000, capMs: 60_000 }, now: () => new Date() });

  async function carryOut(intent: CalendarIntent): Promise<CarriedOut> {
    const { outcome, record } = await traced(intent, () => attempt(intent)).catch((error): Attempt => {
      if (!(error instanceof ClaimLost)) throw error;
      return { outcome: "done", record: () => Promise.reject(error) };
    });
    return {
      outcome,
      record: () =>
        record().catch((error) => {
          if (!(error instanceof ClaimLost)) throw error;
          log.warn(identify(intent), error.message);
        }),
    };
  }

  function traced(
    { eventKey, correlationId, traceparent }: CalendarIntent,
    work: () => Promise<Attempt>,
  ): Promise<Attempt> {
    const attributes = {
      "messaging.message.id": eventKey ?? undefined,
      "messaging.message.conversation_id": correlationId ?? undefined,
    };
    return deps.trace?.({ traceparent, attributes }, work, ({ failed }) => failed) ?? work();
  }

  async function attempt(intent: CalendarIntent): Promise<Attempt> {
    try {
      return { outcome: "done", record: await synchronise(intent) };
    } catch (error) {
      if (error instanceof ClaimLost) throw error;
      const reason = errorText(error);
      const refusal = refusalOf(intent, error);
      const line = { ...identify(intent), err: error, ...(refusal && { refusal }) };
      log[refusal ? "error" : "warn"](line, "writing a calendar entry failed");
      if (error instanceof CaldavUnavailable) {
        return {
          outcome: "unavailable",
          failed: errorClass(error),
          record: () => intents.retryIn(intent, afterOutageMs, intent.attempts, reason),
        };
      }
      const attempts = intent.attempts + 1;
      return {
        outcome: "done",
        failed: errorClass(error),
        record: () =>
          attempts >= maxAttempts
            ? intents.giveUp(intent, "failed", reason)
            : intents.retryIn(intent, backoffMs(attempts, backoff), attempts, reason),
      };
    }
  }

  /** Tells the watch, and says whether a person has to change a configuration. */
  function refusalOf(intent: CalendarIntent, error: unknown): Refusal | undefined {
    if (error instanceof CaldavUnavailable) {
      if (error.refusal) watch.refused(error.refusal);
      return error.refusal;
    }
    if (!(error instanceof CaldavRefused)) return undefined;
    if (!error.forbidden) return watch.rejected(intent.appointmentId) ? "rejected" : undefined;
    watch.refused("authentication");
    return "authentication";
  }

  const sender = createIntentSender({
    name: "calendar",
    concurrency: deps.concurrency ?? 4,
    breaker,
    log,
    audited: deps.audited,
    dueIn: intents.dueIn,
    claim: (limit) => intents.claim(limit, leaseMs),
    release: intents.release,
    carryOut,
  });
  return {
    ...sender,
    async run(signal) {
      await wakeSetAside(sql).catch((error) => log.error({ err: error }, "finding entries that were set aside failed"));
      await sender.run(signal);
    },
  };
}
