import type { Sql } from "postgres";
import type { Logger } from "../../telemetry/logger.ts";
import { readHead } from "./chain-store.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { signTree } from "./sign-tree.ts";
import type { NoteSigner } from "./signed-note.ts";

export interface TakenBy {
  folder: string;
  /** Signs the tree, at each batch. */
  signer?: NoteSigner | undefined;
  /** Without a signer it signs the chain's length and head, once an hour, as versions before the tree did. */
  hmacKey?: string | undefined;
}

export interface CheckpointTaker {
  /** Takes what there is to take; at the `last` time in any case. */
  take(last: boolean): Promise<void>;
  /** Milliseconds since 1970, at which the next one is taken whether or not rows come. */
  nextAt(): number;
  /** How many rows are covered, of which every further one calls for a checkpoint; null where time alone does. */
  covered(): number | null;
}

export interface CheckpointTakerDependencies {
  sql: Sql;
  log: Logger;
  now: () => Date;
  checkpoints: TakenBy;
  checkpointEveryMs: number;
}

export function createCheckpointTaker(deps: CheckpointTakerDependencies): CheckpointTaker {
  const { signer } = deps.checkpoints;
  return signer ? treeTaker(deps, signer) : chainTaker(deps);
}

/** After each batch; one of them is kept in each span of time. */
function treeTaker({ sql, log, now, checkpoints, checkpointEveryMs }: CheckpointTakerDependencies, signer: NoteSigner) {
  let nextKept = now().getTime() + checkpointEveryMs;
  let keptSize = 0;
  let covered = 0;
  return {
    async take(last: boolean) {
      const keep = last || now().getTime() >= nextKept;
      const size = await signTree(sql, { folder: checkpoints.folder, signer }, keep);
      if (size === undefined) return;
      covered = size;
      if (!keep) return;
      nextKept = now().getTime() + checkpointEveryMs;
      if (size > keptSize) log.info({ rows: size }, "audit checkpoint kept");
      keptSize = size;
    },
    nextAt: () => nextKept,
    covered: () => covered,
  };
}

function chainTaker({ sql, log, now, checkpoints, checkpointEveryMs }: CheckpointTakerDependencies): CheckpointTaker {
  const { folder, hmacKey = "" } = checkpoints;
  let next = now().getTime() + checkpointEveryMs;
  let lastCount = 0;
  return {
    async take(last) {
      if (!last && now().getTime() < next) return;
      const { count, hash } = await readHead(sql);
      if (count !== lastCount) {
        await writeCheckpoint({ folder, hmacKey }, { takenAt: now().toISOString(), count, head: hash.toString("hex") });
        lastCount = count;
        log.info({ count }, "audit checkpoint written");
      }
      next = now().getTime() + checkpointEveryMs;
    },
    nextAt: () => next,
    covered: () => null,
  };
}
