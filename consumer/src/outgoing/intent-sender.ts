import type { Logger } from "pino";
import { type Bell, createBell } from "./bell.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { Worker } from "./worker.ts";

/**
 * What the dependency made of an intent. `unavailable` says that it did not answer: it opens the breaker. One that was not
 * reached must use up none of the intent's attempts. A dependency that says for how long it wants no calls gets none.
 */
export type Outcome = "done" | "unavailable" | { retryAfterMs: number };

export interface CarriedOut {
  outcome: Outcome;
  /** Writes down what came of it, rejections included; the next intent does not wait for that. Told when the
   * process stops, so that it does not try for ever. */
  record(stop: AbortSignal): Promise<void>;
}

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
  /** Gives claimed intents back that were not started. */
  release(intents: Intent[]): Promise<void>;
  /** Notes which of the claimed are carried out now, and returns those that still are this process's to carry out. */
  start?(intents: Intent[]): Promise<Intent[]>;
  carryOut(intent: Intent): Promise<CarriedOut>;
  /** Called when what came of an intent is in the audit trail. */
  audited?: (() => void) | undefined;
}

/**
 * The two loops of every sender. Whenever it is woken, one claims what is due; the other carries out what is claimed. While
 * `concurrency` intents are carried out, the next ones are claimed already and the results of the last ones are written,
 * so that nothing waits for a commit but a hand-over for that of its own start.
 */
export function createIntentSender<Intent>(deps: IntentSenderDependencies<Intent>): Worker {
  const { name, concurrency, breaker, log, start = (intents) => Promise.resolve(intents) } = deps;
  const toClaim = createBell();
  const toStart = createBell();
  const claimed: Intent[] = [];
  const underWay = new Set<Promise<void>>();
  const unrecorded = new Set<Promise<void>>();
  const maxUnrecorded = 4 * concurrency;
  /** Claimed again below the one, up to the other: one statement for many, and little that waits for a lease after a crash. */
  const [fewClaimed, maxClaimed] = [concurrency, 3 * concurrency];
  let starting = 0;

  function wake(): void {
    toClaim.ring();
    toStart.ring();
  }

  async function attempt<Result>(what: string, action: () => Promise<Result>, otherwise: Result): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      log.error({ sender: name, err: error }, what);
      return otherwise;
    }
  }

  async function record(carriedOut: CarriedOut, stop: AbortSignal): Promise<void> {
    // Where it can't be recorded, the intent's lease decides.
    await attempt("recording what came of an intent failed", () => carriedOut.record(stop), undefined);
    deps.audited?.();
  }

  async function carryOut(intent: Intent, stop: AbortSignal): Promise<void> {
    const wasOpen = breaker.isOpen();
    const carriedOut = await attempt("carrying out an intent failed", () => deps.carryOut(intent), undefined);
    if (!carriedOut) return;
    const { outcome } = carriedOut;
    if (outcome === "done") breaker.succeeded();
    else breaker.failed(outcome === "unavailable" ? 0 : outcome.retryAfterMs);
    if (breaker.isOpen() !== wasOpen) {
      log.warn({ sender: name, open: breaker.isOpen() }, wasOpen ? "dependency is back" : "dependency is unavailable");
    }
    track(unrecorded, record(carriedOut, stop));
  }

  function track(running: Set<Promise<void>>, promise: Promise<void>): void {
    const tracked = promise.finally(() => {
      running.delete(tracked);
      wake();
    });
    running.add(tracked);
  }

  /** How many may be carried out besides those that are. */
  function room(): number {
    if (unrecorded.size >= maxUnrecorded) return 0;
    const inFlight = underWay.size + starting;
    return Math.max(0, Math.min(concurrency - inFlight, breaker.permits(inFlight)));
  }

  /** True when there may be more of them. */
  async function claim(): Promise<boolean> {
    const isOpen = breaker.isOpen();
    if (!isOpen && claimed.length > fewClaimed) return false;
    const limit = (isOpen ? room() : maxClaimed) - claimed.length;
    if (limit <= 0) return false;
    const intents = await attempt("claiming intents failed", () => deps.claim(limit), []);
    claimed.push(...intents);
    toStart.ring();
    return intents.length === limit;
  }

  /** True when it did something. */
  async function startClaimed(stop: AbortSignal): Promise<boolean> {
    if (breaker.isOpen() && room() === 0) await release();
    const intents = claimed.splice(0, room());
    if (intents.length === 0) return false;
    toClaim.ring();
    starting = intents.length;
    const started = await attempt("starting intents failed", () => start(intents), []);
    starting = 0;
    for (const intent of started) track(underWay, carryOut(intent, stop));
    return true;
  }

  async function release(): Promise<void> {
    const intents = claimed.splice(0);
    if (intents.length > 0) await attempt("releasing intents failed", () => deps.release(intents), undefined);
  }

  return {
    name,
    dueIn: deps.dueIn,
    wake,
    isBreakerOpen: breaker.isOpen,
    async run(signal) {
      signal.addEventListener("abort", wake, { once: true });
      async function loop(step: () => Promise<boolean>, bell: Bell): Promise<void> {
        while (!signal.aborted) if (!await step()) await bell.heard();
      }
      await Promise.all([loop(claim, toClaim), loop(() => startClaimed(signal), toStart)]);
      await release();
      await Promise.all(underWay);
      await Promise.all(unrecorded);
    },
  };
}
