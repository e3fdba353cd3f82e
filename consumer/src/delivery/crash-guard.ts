import { createHash, randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import { PermanentError } from "./permanent-error.ts";
import { answerInTime } from "../postgres/answer-in-time.ts";
import { noteFinish, noteStart } from "./unfinished-starts.ts";
import { whilePostgresIsAway } from "../postgres/wait-for-postgres.ts";
import type { Delivery } from "./wrappers/delivery.ts";
import type { RunApart } from "./run-apart.ts";
import type { JobResult } from "./job-transaction.ts";

export interface CrashGuardDependencies {
  sql: Sql;
  job: JobName;
  /** How long the database may take for a note. */
  timeoutMs: number;
  /** Runs a message in a process of its own; absent where there is no program for one. */
  runApart: RunApart | undefined;
}

/** Where no process of its own can be started, starts that may end with the process before that is held to be no chance. */
const maxUnwitnessedStarts = 10;

export interface GuardedStart {
  /**
   * Runs the message in a process of its own if an earlier start has ended with the process. Answers what came of it
   * there, an error if it takes down whatever it runs in, or undefined if it is to run in this process.
   */
  runApart(): Promise<JobResult | PermanentError | undefined>;
  /** The process lived on, whatever came of the message. */
  finish(): Promise<void>;
}

/**
 * Notes the start of a redelivered message, durably and before anything reads it. A start that did not finish says only
 * that a process ended meanwhile: it may have been killed. The message is taken for the cause when it takes down processes
 * of its own while this one lives. The note of one that is given up stays until its dead letter is durable, or a process
 * that dies of publishing it would begin anew.
 */
export function createCrashGuard({ sql, job, timeoutMs, runApart }: CrashGuardDependencies) {
  return async function start(
    { message, log, gone, traceparent }: Pick<Delivery, "message" | "log" | "gone" | "traceparent">,
  ): Promise<GuardedStart> {
    const bodyHash = createHash("sha256").update(message.content).digest("hex");
    const startId = randomUUID();
    const asked = <Answer>(question: () => Promise<Answer>) =>
      whilePostgresIsAway(() => answerInTime(timeoutMs, question()), log, gone);
    const unfinished = await asked(() => noteStart(sql, job, bodyHash, startId)) - 1;
    return {
      async runApart() {
        if (unfinished === 0) return undefined;
        log.warn({ unfinished }, "redelivered message: an earlier process ended while handling it");
        const apart = await runApart?.(message, log, gone, traceparent) ?? { kind: "unavailable" };
        if (apart.kind === "done") return apart.result;
        if (apart.kind === "crashed") {
          return new PermanentError("crashed-process", `processes of its own ended: ${apart.ends.join(", ")}`);
        }
        return apart.kind === "failed" || unfinished < maxUnwitnessedStarts
          ? undefined
          : new PermanentError("crashed-process", `${unfinished} starts ended with the process`);
      },
      finish: () => asked(() => noteFinish(sql, job, bodyHash)),
    };
  };
}

export type CrashGuard = ReturnType<typeof createCrashGuard>;
