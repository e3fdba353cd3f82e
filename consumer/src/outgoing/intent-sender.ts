import type { Logger } from "pino";
import { createBell } from "./bell.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { Worker } from "./worker.ts";

export interface IntentSenderDependencies<Intent> {
  name: string;
  /** How many intents are carried out at the same time by this process. */
  concurrency: number;
  /** One for each dependency; shared by the senders that use the same one. */
  breaker: CircuitBreaker;
  log: Logger;
  dueIn: Worker["dueIn"];
  /**
   * Takes up to `limit` due intents for this process, under a lease that is committed when it resolves. Several
   * processes claim at once: `for update skip locked`, and no lock that is held for longer than the claim.
   */
  claim(limit: number): Promise<Intent[]>;
  /**
   * Carries one out and records what came of it, rejections included. `unavailable` says that the dependency itself
   * did not answer: it opens the breaker. One that was not reached must use up none of the intent's attempts. A dependency that says for how long it wants no calls gets none.
   */
  carryOut(intent: Intent): Promise<"done" | "unavailable" | { retryAfterMs: number }>;
  /** Called when what came of an intent is in the audit trail. */
  audited?: (() => void) | undefined;
}

/** The loop of every sender: whenever it is woken it claims what is due, at most `concurrency` intents in flight. */
export function createIntentSender<Intent>(deps: IntentSenderDependencies<Intent>): Worker {
  const { name, concurrency, breaker, log } = deps;
  const bell = createBell();
  const inFlight = new Set<Promise<void>>();

  async function claim(limit: number): Promise<Intent[]> {
    try {
      return await deps.claim(limit);
    } catch (error) {
      log.error({ sender: name, err: error }, "claiming intents failed");
      return [];
    }
  }

  async function carryOut(intent: Intent): Promise<void> {
    const wasOpen = breaker.isOpen();
    try {
      const outcome = await deps.carryOut(intent);
      if (outcome === "done") breaker.succeeded();
      else breaker.failed(outcome === "unavailable" ? 0 : outcome.retryAfterMs);
    } catch (error) {
      // What came of it could not be recorded; the intent's lease decides.
      log.error({ sender: name, err: error }, "carrying out an intent failed");
    }
    if (breaker.isOpen() !== wasOpen) {
      log.warn({ sender: name, open: breaker.isOpen() }, wasOpen ? "dependency is back" : "dependency is unavailable");
    }
  }

  function start(intent: Intent): void {
    const running = carryOut(intent).finally(() => {
      deps.audited?.();
      inFlight.delete(running);
      bell.ring();
    });
    inFlight.add(running);
  }

  return {
    name,
    dueIn: deps.dueIn,
    wake: bell.ring,
    async run(signal) {
      signal.addEventListener("abort", bell.ring, { once: true });
      while (!signal.aborted) {
        const limit = Math.min(concurrency - inFlight.size, breaker.permits(inFlight.size));
        const intents = limit > 0 ? await claim(limit) : [];
        for (const intent of intents) start(intent);
        if (intents.length === 0 || intents.length < limit) await bell.heard();
      }
      await Promise.all(inFlight);
    },
  };
}
