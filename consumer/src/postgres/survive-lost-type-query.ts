import process from "node:process";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import { isUnavailable } from "./failure-kind.ts";

const knownStatements = [
  /^\s*select b\.oid, b\.typarray\s+from pg_catalog\.pg_type a\s/,
  /^rollback$/,
];

/** One of the two rejections that the driver leaves to nobody; it writes the statement that failed onto the error. */
export function isDroppedByDriver(error: unknown): boolean {
  if (!(error instanceof Error) || !("query" in error)) return false;
  return isUnavailable(error) && knownStatements.some((statement) => statement.test(String(error.query)));
}

/**
 * postgres.js (3.4.9) asks each new connection for its array types and drops the promise of it, and rolls back a
 * transaction whose connection is lost (its issue 1208): neither ends anything, because whoever waits for the connection
 * hears of the loss by another way. Whatever else nobody has caught ends the process: nobody knows what it left behind.
 */
export function surviveLostTypeQuery(log: Logger): void {
  const end = (error: unknown, what: string) => {
    log.fatal({ err: error }, `${what}: ${errorText(error)}`);
    process.exit(1);
  };
  process.on("uncaughtException", (error) => end(error, "uncaught exception"));
  process.on("unhandledRejection", (error) => {
    if (!isDroppedByDriver(error)) return end(error, "unhandled rejection");
    log.warn({ error: errorText(error) }, "connection to PostgreSQL lost during a query of the driver's own");
  });
}
