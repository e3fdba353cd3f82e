import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../telemetry/logger.ts";
import { errorText } from "../telemetry/error-text.ts";
import { isUnavailable } from "./failure-kind.ts";

const longestDelayMs = 10_000;

/** Runs the task again, with growing delays and a log line, for as long as the database is away. */
export async function whilePostgresIsAway<Result>(
  task: () => Promise<Result>,
  log: Logger,
  signal: AbortSignal,
): Promise<Result> {
  for (let delayMs = 250;; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    try {
      return await task();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      log.warn({ error: errorText(error), delayMs }, "waiting for PostgreSQL");
      await sleep(delayMs, undefined, { signal });
    }
  }
}
