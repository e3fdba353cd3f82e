import process from "node:process";
import type { Log } from "../telemetry/log.ts";
import { isUnavailable } from "./is-unavailable.ts";

/**
 * postgres.js (3.4.9) asks each new connection for its array types and drops the promise of it, so that a connection
 * that is lost at that moment would end the process. Any other unhandled rejection still does.
 */
export function surviveLostTypeQuery(log: Log): void {
  process.on("unhandledRejection", (error) => {
    if (!isUnavailable(error)) throw error;
    log.warn({ err: { message: (error as Error).message } }, "a new database connection was lost at once");
  });
}
