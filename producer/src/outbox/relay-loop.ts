import { errorText } from "../telemetry/error-text.ts";
import type { Candidate, Leadership } from "./leadership.ts";
import { LeadLost, type RelayStore } from "./outbox-store.ts";
import type { Relay } from "./relay.ts";
import type { Log } from "../telemetry/log.ts";

export type RelayLoop = {
  /** Something may have become publishable. */
  wake(): void;
  isLeader(): boolean;
  /** Finishes the batch at hand and gives the lead up. */
  stop(): Promise<void>;
};

/** Between two attempts while the database refuses. */
const longestPauseMs = 5_000;

/** Runs the relay where, and as long as, this process is the leader. */
export function startRelayLoop(deps: {
  relay: Relay;
  candidate: Candidate;
  /** What the relay reads and writes in a term. */
  openStore: (term: string) => RelayStore;
  onLeader: (isLeader: boolean) => void;
  /** What this relay wanted to write was refused: another one led by then. */
  onFenced: () => void;
  /** The database did not answer, or did not take what the relay has to write. */
  onFailure: (error: unknown) => void;
  pollMs: number;
  log: Log;
}): RelayLoop {
  const { log } = deps;
  let leadership: Leadership | undefined;
  let store: RelayStore | undefined;
  let stopped = false;
  let woken = false;
  /** Whether there may be something to publish: the outbox is not read for nothing. */
  let due = true;
  let failures = 0;
  let interrupt = () => {};

  function wake(): void {
    woken = true;
    due = true;
    deps.relay.wake();
    interrupt();
  }

  function pause(ms: number): Promise<void> {
    if (woken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function lead(): Promise<void> {
    if (leadership && !leadership.held()) {
      log.warn("relay lease lost");
      await stepDown();
    }
    if (leadership) return;
    leadership = await deps.candidate.take(() => failures === 0 && wake());
    if (!leadership) return;
    store = deps.openStore(leadership.term);
    due = true;
    deps.onLeader(true);
    log.info({ term: leadership.term }, "relay lease taken");
  }

  async function stepDown(): Promise<void> {
    const former = leadership;
    leadership = undefined;
    store = undefined;
    deps.onLeader(false);
    await former?.release().catch((error) =>
      log.warn({ err: { message: errorText(error) } }, "releasing the relay lease failed")
    );
  }

  /** Publishes only while the lease runs: what is under way when it ends is fenced off. */
  async function turn(): Promise<void> {
    await lead();
    const leading = leadership;
    if (!leading || !store || !due) return;
    due = false;
    await deps.relay.drain(store, () => stopped || !leading.held());
  }

  async function fail(error: unknown): Promise<void> {
    const err = { message: errorText(error) };
    if (error instanceof LeadLost) {
      log.error({ err }, "two relays published at once; subscribers drop what came twice");
      deps.onFenced();
      await stepDown();
      return;
    }
    failures++;
    deps.onFailure(error);
    log.error(
      { err, failures },
      "relay failed; it publishes no further event before PostgreSQL has recorded the last ones",
    );
  }

  async function run(): Promise<void> {
    while (!stopped) {
      woken = false;
      try {
        await turn();
        failures = 0;
      } catch (error) {
        await fail(error);
        woken = false;
        due = true;
      }
      // A follower has nothing to publish: only the poll tells it that the leader is gone.
      if (!leadership) woken = false;
      const pauseMs = failures === 0 ? deps.pollMs : Math.min(deps.pollMs * 2 ** failures, longestPauseMs);
      if (!stopped) await pause(Math.max(pauseMs, deps.pollMs));
    }
    await stepDown();
  }

  const running = run();
  return {
    wake,
    isLeader: () => leadership !== undefined,
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}
