import type { FailedPublication, RelayStore } from "./outbox-store.ts";
import { LeadLost } from "./outbox-store.ts";
import type { Probe } from "./probe.ts";

export type Recorder = {
  /** How many events may be published before what came of them is recorded; 0 while it is too early to try again. */
  allowance(nowMs: number): number;
  /** What the broker answered; it is kept until the database has it. */
  note(outcomes: { confirmed: readonly string[]; failures: readonly FailedPublication[] }): void;
  /** Writes down what is noted. Throws when the database does not take it. */
  record(store: RelayStore, nowMs: number): Promise<void>;
};

/**
 * Between the broker's answer and the database. What can't be recorded would be published again and again, to every
 * queue: so nothing more goes out before it is, and what follows starts with one event.
 */
export function createRecorder(probe: Probe, onRecorded: () => void): Recorder {
  let confirmed: string[] = [];
  let failures: FailedPublication[] = [];

  async function write(store: RelayStore): Promise<void> {
    if (confirmed.length > 0) await store.archive(confirmed);
    confirmed = [];
    if (failures.length > 0) await store.markFailed(failures);
    failures = [];
  }

  return {
    allowance: (nowMs) => probe.size(nowMs),
    note(outcomes) {
      confirmed.push(...outcomes.confirmed);
      failures.push(...outcomes.failures);
    },
    async record(store, nowMs) {
      if (confirmed.length + failures.length === 0) return;
      try {
        await write(store);
      } catch (error) {
        // The one that leads by now publishes these again, and records it.
        if (error instanceof LeadLost) {
          confirmed = [];
          failures = [];
        }
        probe.failed(nowMs);
        throw error;
      }
      probe.succeeded();
      onRecorded();
    },
  };
}
