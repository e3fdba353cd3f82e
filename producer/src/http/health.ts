import type { Sql } from "../postgres/database.ts";
import { withTimeout } from "../with-timeout.ts";

export type HealthReport = {
  readonly status: "ready" | "unavailable";
  readonly database: "up" | "down";
  /** Reported only: without a broker events wait in the outbox, and callers notice nothing. */
  readonly broker: "up" | "down";
};

export type Health = {
  report(): Promise<HealthReport>;
  /** The database is up to date: from now on requests can be served. */
  start(): void;
  hasStarted(): boolean;
  /** From now on this instance wants no more requests. */
  drain(): void;
};

const databaseTimeoutMs = 2_000;

export function createHealth(deps: { sql: Sql; isBrokerUp: () => boolean }): Health {
  let started = false;
  let draining = false;

  async function isDatabaseUp(): Promise<boolean> {
    return await withTimeout(deps.sql`SELECT 1`, databaseTimeoutMs, "SELECT 1").then(() => true, () => false);
  }

  return {
    async report() {
      const isUp = await isDatabaseUp();
      return {
        status: isUp && started && !draining ? "ready" : "unavailable",
        database: isUp ? "up" : "down",
        broker: deps.isBrokerUp() ? "up" : "down",
      };
    },
    start: () => void (started = true),
    hasStarted: () => started,
    drain: () => void (draining = true),
  };
}
