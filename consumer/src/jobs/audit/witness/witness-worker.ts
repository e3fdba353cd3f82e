import { setTimeout as sleep } from "node:timers/promises";
import { type Backoff, backoffMs } from "../../../outgoing/backoff.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { Metrics } from "../../../telemetry/metrics.ts";
import { readLatest } from "../tree-checkpoints.ts";
import { cosignLatest, type WitnessedLog } from "./cosign-latest.ts";
import { RewrittenLog } from "./cosign-tree.ts";
import { readCosigned, writeCosigned } from "./cosigned-checkpoint.ts";

export interface WitnessWorkerDependencies extends WitnessedLog {
  log: Logger;
  nowMs: () => number;
  metrics: Pick<Metrics, "auditUncosigned" | "auditRefused">;
  lookEveryMs?: number;
  retry?: Backoff;
}

/** Has the last checkpoint cosigned. Nobody waits for it: while the witness is away, rows are sealed and signed all the same. */
export function createWitnessWorker(deps: WitnessWorkerDependencies) {
  const { folder, verifiers, witness, log, nowMs, metrics, lookEveryMs = 1_000 } = deps;
  const { retry = { baseMs: 1_000, capMs: 60_000 } } = deps;
  let waitingSince: number | undefined;
  let failures = 0;
  let retryAt = 0;

  async function look(): Promise<void> {
    if (nowMs() < retryAt) return;
    const latest = await readLatest(folder, verifiers);
    const cosigned = await readCosigned(folder, verifiers, witness.verifier);
    const knownSize = cosigned?.head.size ?? 0;
    if (!latest || cosigned && knownSize >= latest.size) {
      waitingSince = undefined;
      return;
    }
    waitingSince ??= nowMs();
    const note = await cosignLatest(deps, knownSize);
    if (note !== undefined) await writeCosigned(folder, note);
    if (failures > 0) log.info("the audit trail's witness cosigns again");
    [failures, retryAt, waitingSince] = [0, 0, undefined];
    metrics.auditRefused.set(0);
  }

  function failed(error: unknown): void {
    failures += 1;
    retryAt = nowMs() + backoffMs(failures, retry);
    if (!(error instanceof RewrittenLog)) {
      log.warn({ err: error, failures }, "having an audit checkpoint cosigned failed");
      return;
    }
    metrics.auditRefused.set(1);
    log.error({ err: error }, "the audit trail's witness refuses it");
  }

  return {
    async run(stop: AbortSignal): Promise<void> {
      while (!stop.aborted) {
        await look().catch(failed);
        metrics.auditUncosigned.set(waitingSince === undefined ? 0 : (nowMs() - waitingSince) / 1_000);
        await sleep(lookEveryMs, undefined, { signal: stop }).catch(() => {});
      }
    },
  };
}
