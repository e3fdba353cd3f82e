import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { ConsumeMessage } from "amqplib";
import type { JobName } from "../generated/jobs.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { JobResult } from "./job-transaction.ts";
import type { Question, Said } from "./serve-apart.ts";

/** What came of a message in a process of its own; `unavailable` when none could be started. */
export type Apart =
  | { kind: "done"; result: JobResult }
  | { kind: "failed" }
  | { kind: "crashed"; ends: string[] }
  | { kind: "unavailable" };

export interface ApartRunnerDependencies {
  job: JobName;
  /** The program that such a process runs, with JOBS set to this job. */
  entry: URL;
  /** A process whose event loop does not turn for that long is killed. */
  silenceMs: number;
}

/** Processes that may end with the message: the first could have been killed by somebody. */
const maxEnds = 3;

/** On a busy machine a start takes seconds, and says nothing of the message. */
const maxStartMs = 60_000;

/**
 * Runs a message that may have taken this process down in one of its own. This one sees how that one ends, and when both
 * are killed nothing is said of the message: so a process that was killed or redeployed is no evidence, however often.
 */
export function createApartRunner({ job, entry, silenceMs }: ApartRunnerDependencies) {
  function startProcess(): ChildProcess {
    return fork(fileURLToPath(entry), {
      env: { ...process.env, JOBS: job },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
  }

  async function runOnce(question: Question, log: Logger, gone: AbortSignal): Promise<Apart> {
    let child: ChildProcess;
    try {
      child = startProcess();
    } catch (error) {
      // Deno without --allow-run.
      log.warn({ error: errorText(error) }, "suspect message: its separate process could not be started");
      return { kind: "unavailable" };
    }
    let answer = { kind: "unavailable" } as Apart;
    const kill = () => void child.kill("SIGKILL");
    let silence = setTimeout(kill, maxStartMs);
    gone.addEventListener("abort", kill, { once: true });
    child.on("message", (said: Said) => {
      clearTimeout(silence);
      silence = setTimeout(kill, silenceMs);
      if (said.kind === "ready") {
        answer = { kind: "crashed", ends: [] };
        child.send(question, () => {});
      }
      if (said.kind === "done" || said.kind === "failed") {
        answer = said as Apart;
        child.disconnect();
      }
    });
    const end = await new Promise<string>((resolve) => {
      child.on("error", (error) => resolve(errorText(error)));
      child.on("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    clearTimeout(silence);
    gone.removeEventListener("abort", kill);
    gone.throwIfAborted();
    if (answer.kind === "unavailable") {
      log.warn({ error: end }, "suspect message: its separate process could not be started");
    }
    return answer.kind === "crashed" ? { kind: "crashed", ends: [end] } : answer;
  }

  return async function runApart(
    { content, properties }: ConsumeMessage,
    log: Logger,
    gone: AbortSignal,
    traceparent?: string,
  ) {
    const { messageId, correlationId } = properties;
    const question = { content: content.toString("base64"), properties: { messageId, correlationId }, traceparent };
    const ends: string[] = [];
    for (;;) {
      const answer = await runOnce(question, log, gone);
      if (answer.kind !== "crashed") return answer;
      ends.push(...answer.ends);
      log.warn(
        { end: ends.at(-1), ends: ends.length },
        "suspect message: its separate process ended while handling it",
      );
      if (ends.length === maxEnds) return { kind: "crashed", ends } satisfies Apart;
    }
  };
}

export type RunApart = ReturnType<typeof createApartRunner>;
