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
const maxUnfinishedStarts = 3;

export interface GuardedStart {
  /** Says that the message has taken the process down too often: it gets no further leave to work. */
  crash: PermanentError | undefined;
  /** The process lived on, whatever came of the message. */
  finish(): Promise<void>;
}

/**
 * Notes the start of a redelivered message, durably and before anything reads it: it may have taken the process down. The
 * note of one that is given up stays until its dead letter is durable, or a process that dies of publishing it would
 * begin to count anew.
 */
export function createCrashGuard({ sql, job, timeoutMs }: CrashGuardDependencies) {
  return async function start(
    { message, log, gone }: Pick<Delivery, "message" | "log" | "gone">,
  ): Promise<GuardedStart> {
    const bodyHash = createHash("sha256").update(message.content).digest("hex");
    const startId = randomUUID();
    const asked = <Answer>(question: () => Promise<Answer>) =>
      whilePostgresIsAway(() => answerInTime(timeoutMs, question()), log, gone);
    const unfinished = await asked(() => noteStart(sql, job, bodyHash, startId)) - 1;
    return {
      crash: unfinished < maxUnfinishedStarts
        ? undefined
        : new PermanentError("crashed-process", `${unfinished} starts ended with the process`),
      finish: () => asked(() => noteFinish(sql, job, bodyHash)),
    };
  };
}
