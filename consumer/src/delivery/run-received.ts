import type { Settled } from "./job-transaction.ts";
import type { ReceivedEvent } from "./message.ts";
import type { OpenTogether } from "./open-together.ts";
import { runBatch, type WhileAway } from "./run-batch.ts";
import type { RunTogether } from "./run-job.ts";

export type RunReceived = (
  received: readonly ReceivedEvent[],
  whileAway: WhileAway,
  askingForKeys: WhileAway,
) => Promise<Settled[]>;

/**
 * Opens what is encrypted, and runs the job on it. While the keys are away it waits as for the job's own database; what
 * can't be opened fails alone. Only here, where events have their order, so that none overtakes one that is being opened.
 */
export function createRunReceived(openTogether: OpenTogether, runTogether: RunTogether): RunReceived {
  return async function runReceived(received, whileAway, askingForKeys) {
    const opened = await openTogether(received, askingForKeys);
    const readable = opened.filter((one): one is ReceivedEvent => !(one instanceof Error));
    const settled = readable.length > 0 ? await runBatch(readable, runTogether, whileAway) : [];
    return opened.map((one) => one instanceof Error ? { kind: "failed", error: one } : settled.shift()!);
  };
}
