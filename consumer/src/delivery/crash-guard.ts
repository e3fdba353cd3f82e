import { createHash, randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import { PermanentError } from "./permanent-error.ts";
import { answerInTime } from "../postgres/answer-in-time.ts";
import { noteFinish, noteStart } from "./unfinished-starts.ts";
import { whilePostgresIsAway } from "../postgres/wait-for-postgres.ts";
import type { Delivery } from "./job-delivery.ts";

export interface CrashGuardDependencies {
  sql: Sql;
  job: JobName;
  /** How long the database may take for a note. */
  timeoutMs: number;
}

/** Starts of a redelivered message that may end with the process before it is taken for the cause. */
const mostUnfinishedStarts = 3;

/**
 * Puts a note that outlives the process around the turn of a redelivered message: it may have taken the process down.
 * The turn gets a PermanentError instead of leave to work when the message has done so too often.
 */
export function createCrashGuard({ sql, job, timeoutMs }: CrashGuardDependencies) {
  return async function guarded<Result>(
    { message, log, gone }: Pick<Delivery, "message" | "log" | "gone">,
    turn: (crash: PermanentError | undefined) => Promise<Result>,
  ): Promise<Result> {
    const bodyHash = createHash("sha256").update(message.content).digest("hex");
    const startId = randomUUID();
    const asked = <Answer>(question: () => Promise<Answer>) =>
      whilePostgresIsAway(() => answerInTime(timeoutMs, question()), log, gone);
    const starts = await asked(() => noteStart(sql, job, bodyHash, startId));
    try {
      const unfinished = starts - 1;
      return await turn(
        unfinished < mostUnfinishedStarts
          ? undefined
          : new PermanentError("crashed-process", `${unfinished} starts ended with the process`),
      );
    } finally {
      // Also when the channel was lost: that the process lived on is what counts.
      await asked(() => noteFinish(sql, job, bodyHash));
    }
  };
}
