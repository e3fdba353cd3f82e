import type { Sql } from "postgres";
import { sealOutcomes } from "./chain-store.ts";
import { type Backoff, backoffMs } from "../../outgoing/backoff.ts";
import { createBell } from "../../outgoing/bell.ts";
import type { Worker } from "../../outgoing/worker.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type CheckpointTaker, createCheckpointTaker, type TakenBy } from "./checkpoint-taker.ts";

export interface AuditSealerDependencies {
  /** As the role that owns the audit tables. */
  sql: Sql;
  log: Logger;
  now: () => Date;
  /** Without it no checkpoints are written: a removed tail and a rewritten chain then leave no trace. */
  checkpoints?: TakenBy | undefined;
  checkpointEveryMs?: number;
}

const batchSize = 2_000;
/** Rows are sealed within a second, and larger batches are cheaper. */
const gatherMs = 250;
/** Between the attempts at a checkpoint that could not be written. */
const retry: Backoff = { baseMs: 1_000, capMs: 60_000 };

export interface AuditSealer extends Worker {
  /** This process has recorded something: it is chained soon, with whatever follows it meanwhile. */
  recorded(): void;
}

/** Another process was faster (one of an older version, which does not know the lock), or another role owns the tables. */
function isOthersTask(error: unknown): boolean {
  return ["23505", "42501"].includes((error as { code?: string }).code ?? "");
}

/** Chains what was recorded, adds it to the tree and signs that. Whichever process gets the lock does; all may run it. */
export function createAuditSealer(deps: AuditSealerDependencies): AuditSealer {
  const { sql, log, now, checkpoints, checkpointEveryMs = 3_600_000 } = deps;
  const bell = createBell();
  const taker: CheckpointTaker | undefined = checkpoints &&
    createCheckpointTaker({ ...deps, checkpoints, checkpointEveryMs });
  let failures = 0;
  let retryAt = 0;
  let gathering: ReturnType<typeof setTimeout> | undefined;

  async function seal(): Promise<void> {
    while (await sealOutcomes(sql, batchSize));
  }

  async function attempt(what: string, action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      if (isOthersTask(error)) return true;
      log.error({ err: error }, `${what} failed`);
      return false;
    }
  }

  async function takeCheckpoint({ take }: CheckpointTaker, last: boolean): Promise<void> {
    if (!last && now().getTime() < retryAt) return;
    const taken = await attempt("writing an audit checkpoint", () => take(last));
    failures = taken ? 0 : failures + 1;
    retryAt = taken ? 0 : now().getTime() + backoffMs(failures, retry);
  }

  return {
    name: "audit-sealer",
    // What a command or a process that was killed has recorded, and the next checkpoint.
    dueIn(sql) {
      const inSeconds = (at: number) => (at - now().getTime()) / 1_000;
      const nextAt = taker && Math.max(taker.nextAt(), retryAt);
      return sql`select least(
        (select 0 from audit_unsealed limit 1),
        ${nextAt === undefined ? null : inSeconds(nextAt)}::double precision,
        (select ${inSeconds(retryAt)}::double precision from audit_chain where position > ${
        taker?.covered() ?? null
      } limit 1)
      )`;
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
      while (!signal.aborted) {
        await attempt("sealing audit rows", seal);
        if (taker) await takeCheckpoint(taker, false);
        await bell.heard();
      }
      clearTimeout(gathering);
      await attempt("sealing audit rows", seal);
      if (taker) await takeCheckpoint(taker, true);
    },
  };
}
