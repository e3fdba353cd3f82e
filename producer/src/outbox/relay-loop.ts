import type { Leadership } from "./leadership.ts";
import { createRelayStore, type RelayStore } from "./outbox-store.ts";
import type { Relay } from "./relay.ts";
import type { Log } from "../telemetry/log.ts";

export type RelayLoop = {
  /** Something may have become publishable. */
  wake(): void;
  isLeader(): boolean;
  /** Finishes the batch at hand and gives the lead up. */
  stop(): Promise<void>;
};

/** Runs the relay where, and as long as, this process is the leader. */
export function startRelayLoop(deps: {
  relay: Relay;
  takeLeadership: () => Promise<Leadership | undefined>;
  onLeader: (isLeader: boolean) => void;
  pollMs: number;
  log: Log;
}): RelayLoop {
  const { log } = deps;
  let leadership: Leadership | undefined;
  let store: RelayStore | undefined;
  let stopped = false;
  let woken = false;
  let interrupt = () => {};

  function wake(): void {
    woken = true;
    interrupt();
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, woken ? 0 : ms);
      interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function lead(): Promise<void> {
    if (leadership && !leadership.held()) {
      log.warn("lost the lead of the relay");
      await stepDown();
    }
    if (leadership) return;
    leadership = await deps.takeLeadership();
    if (!leadership) return;
    store = createRelayStore(leadership.sql);
    deps.onLeader(true);
    log.info("leading the relay");
  }

  async function stepDown(): Promise<void> {
    const former = leadership;
    leadership = undefined;
    store = undefined;
    deps.onLeader(false);
    await former?.release();
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        woken = false;
        await lead();
        if (store) await deps.relay.drain(store, () => stopped);
      } catch (error) {
        log.error({ err: { message: (error as Error).message } }, "relay failed; starting over");
        await stepDown();
        woken = false;
      }
      // A follower has nothing to publish: only the poll tells it that the leader is gone.
      if (!leadership) woken = false;
      if (!stopped) await pause(deps.pollMs);
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
