import type { Sql } from "../postgres/database.ts";
import { withTimeout } from "../with-timeout.ts";

export type HealthReport = {
  readonly status: "ready" | "unavailable";
  /** `read-only`: it answers, and takes no writes; reads are still served. */
  readonly database: "up" | "read-only" | "down";
  /** Reported only: without a broker events wait in the outbox, and callers notice nothing. */
  readonly broker: "up" | "down";
  /** Whether the last look at the exchange found it. Reported only, like the broker. */
  readonly topology: "up" | "down";
  /** Why what is not up is not, in the words of the dependency. */
  readonly reasons: { readonly database?: string; readonly broker?: string; readonly topology?: string };
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

/** PostgreSQL's own words, but of the network only what happened: anybody may ask, and nobody is told addresses. */
function reasonOf({ name, message, code }: Error & { code?: string }): string {
  return name === "PostgresError" || code === undefined ? message : code;
}

export function createHealth(deps: {
  sql: Sql;
  /** Why the last write was refused, if it was. */
  writeFault: () => string | undefined;
  isBrokerUp: () => boolean;
  /** What the broker lacked. */
  missingTopology: () => readonly string[];
  /** What the broker refuses, if anything. */
  brokerRefusal: () => string | undefined;
}): Health {
  let started = false;
  let draining = false;

  async function lookAtDatabase(): Promise<{ state: HealthReport["database"]; reason?: string | undefined }> {
    const question = deps.sql<{ standby: boolean; readOnly: boolean }[]>`
      SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS "readOnly"`;
    try {
      const [row] = await withTimeout(Promise.resolve(question), databaseTimeoutMs, "Asking PostgreSQL");
      if (row?.standby) return { state: "read-only", reason: "it is a standby" };
      if (row?.readOnly) return { state: "read-only", reason: "its transactions are read-only" };
    } catch (error) {
      return { state: "down", reason: reasonOf(error as Error & { code?: string }) };
    }
    const fault = deps.writeFault();
    return fault === undefined ? { state: "up" } : { state: "read-only", reason: fault };
  }

  return {
    async report() {
      const { state, reason } = await lookAtDatabase();
      const broker = deps.isBrokerUp() ? "up" : "down";
      const missing = deps.missingTopology();
      const brokerReason = deps.brokerRefusal() ?? (broker === "up" ? undefined : "no connection");
      return {
        status: state === "up" && started && !draining ? "ready" : "unavailable",
        database: state,
        broker,
        topology: missing.length === 0 ? "up" : "down",
        reasons: {
          ...(reason === undefined ? {} : { database: reason }),
          ...(brokerReason === undefined ? {} : { broker: brokerReason }),
          ...(missing.length === 0 ? {} : { topology: `missing: ${missing.join(", ")}` }),
        },
      };
    },
    start: () => void (started = true),
    hasStarted: () => started,
    drain: () => void (draining = true),
  };
}
