import type { Sql } from "postgres";
import { readHead, sealOutcomes } from "./chain-store.ts";
import { type Backoff, backoffMs } from "../../outgoing/backoff.ts";
import { createBell } from "../../outgoing/bell.ts";
import type { Worker } from "../../outgoing/worker.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type CheckpointFolder, writeCheckpoint } from "./checkpoint.ts";

export interface AuditSealerDependencies {
  sql: Sql;
  log: Logger;
  now: () => Date;
  /** Without it no checkpoints are written: a removed tail and a rewritten chain then leave no trace. */
  checkpoints?: CheckpointFolder | undefined;
  checkpointEveryMs?: number;
}

const batchSize = 500;
/** Nobody waits for a seal, and larger batches are cheaper. */
const gatherMs = 250;
/** Between the attempts at a checkpoint that could not be written. */
const retry: Backoff = { baseMs: 1_000, capMs: 60_000 };

export interface AuditSealer extends Worker {
  /** This process has recorded something: it is chained soon, with whatever follows it meanwhile. */
  recorded(): void;
}

/** Chains what was recorded. One process at a time does it, whichever gets the lock; all may run it. */
export function createAuditSealer(deps: AuditSealerDependencies): AuditSealer {
  const { sql, log, now, checkpoints, checkpointEveryMs = 3_600_000 } = deps;
  const bell = createBell();
  let nextCheckpoint = Infinity;
  let gathering: ReturnType<typeof setTimeout> | undefined;
  let lastCount = 0;

  async function seal(): Promise<void> {
    while (await sealOutcomes(sql, batchSize) === batchSize);
  }

  async function takeCheckpoint(folder: CheckpointFolder): Promise<void> {
    const { count, hash } = await readHead(sql);
    if (count === lastCount) return;
    await writeCheckpoint(folder, { takenAt: now().toISOString(), count, head: hash.toString("hex") });
    lastCount = count;
    log.info({ count }, "audit checkpoint written");
  }

  async function attempt(what: string, action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      log.error({ err: error }, `${what} failed`);
      return false;
    }
  }

  return {
    name: "audit-sealer",
    // What a command or a process that was killed has recorded, and the next checkpoint.
    dueIn(sql) {
      const checkpointIn = checkpoints ? (nextCheckpoint - now().getTime()) / 1_000 : null;
      return sql`select least((select 0 from audit_unsealed limit 1), ${checkpointIn}::double precision)`;
    },
    wake: bell.ring,
    recorded() {
      gathering ??= setTimeout(() => {
        gathering = undefined;
        bell.ring();
      }, gatherMs);
    },
    async run(signal) {
      signal.addEventListener("abort", bell.ring, { once: true });
      nextCheckpoint = now().getTime() + checkpointEveryMs;
      let failures = 0;
      while (!signal.aborted) {
        await attempt("sealing audit rows", seal);
        if (checkpoints && now().getTime() >= nextCheckpoint) {
          const taken = await attempt("writing an audit checkpoint", () => takeCheckpoint(checkpoints));
          failures = taken ? 0 : failures + 1;
          nextCheckpoint = now().getTime() + (taken ? checkpointEveryMs : backoffMs(failures, retry));
        }
        await bell.heard();
      }
      clearTimeout(gathering);
      await attempt("sealing audit rows", seal);
      if (checkpoints) await attempt("writing an audit checkpoint", () => takeCheckpoint(checkpoints));
    },
  };
}
