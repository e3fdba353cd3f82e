import process from "node:process";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import { isUnavailable } from "./failure-kind.ts";

/**
 * postgres.js (3.4.9) asks each new connection for its array types and drops the promise of it, so that a connection
 * that is lost at that moment would end the process. Any other unhandled rejection still does.
 */
export function surviveLostTypeQuery(log: Logger): void {
  process.on("unhandledRejection", (error) => {
    if (!isUnavailable(error)) throw error;
    log.warn({ error: errorText(error) }, "a new database connection was lost at once");
  });
}
