import type { Sql } from "../postgres/database.ts";
import { withTimeout } from "../with-timeout.ts";

/** `read-only`: it answers, and takes no writes; reads are still served. */
export type DatabaseState = "up" | "read-only" | "down";

export type HealthReport = {
  readonly status: "ready" | "unavailable";
  readonly database: DatabaseState;
  /** Reported only: without a broker events wait in the outbox, and callers notice nothing. */
  readonly broker: "up" | "down";
  /** Whether the last look at the exchange found it. Reported only, like the broker. */
  readonly topology: "up" | "down";
  /** Where there are any. Reported only: what tells nothing personal needs no key. */
  readonly patientKeys?: DatabaseState;
  /** Why what is not up is not, in the words of the dependency. */
  readonly reasons: {
    readonly database?: string;
    readonly broker?: string;
    readonly topology?: string;
    readonly patientKeys?: string;
  };
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

async function look(sql: Sql): Promise<{ state: DatabaseState; reason?: string | undefined }> {
  const question = sql<{ standby: boolean; readOnly: boolean }[]>`
    SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS "readOnly"`;
  try {
    const [row] = await withTimeout(Promise.resolve(question), databaseTimeoutMs, "Asking PostgreSQL");
    if (row?.standby) return { state: "read-only", reason: "it is a standby" };
    if (row?.readOnly) return { state: "read-only", reason: "its transactions are read-only" };
    return { state: "up" };
  } catch (error) {
    return { state: "down", reason: reasonOf(error as Error & { code?: string }) };
  }
}

export function createHealth(deps: {
  sql: Sql;
  /** The database of patients' keys. */
  keysSql: Sql | undefined;
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

  async function lookAtDatabase(): ReturnType<typeof look> {
    const found = await look(deps.sql);
    const fault = found.state === "up" ? deps.writeFault() : undefined;
    return fault === undefined ? found : { state: "read-only", reason: fault };
  }

  return {
    async report() {
      const [{ state, reason }, keys] = await Promise.all([lookAtDatabase(), deps.keysSql && look(deps.keysSql)]);
      const broker = deps.isBrokerUp() ? "up" : "down";
      const missing = deps.missingTopology();
      const brokerReason = deps.brokerRefusal() ?? (broker === "up" ? undefined : "no connection");
      return {
        status: state === "up" && started && !draining ? "ready" : "unavailable",
        database: state,
        broker,
        topology: missing.length === 0 ? "up" : "down",
        ...(keys && { patientKeys: keys.state }),
        reasons: {
          ...(reason === undefined ? {} : { database: reason }),
          ...(brokerReason === undefined ? {} : { broker: brokerReason }),
          ...(missing.length === 0 ? {} : { topology: `missing: ${missing.join(", ")}` }),
          ...(keys?.reason === undefined ? {} : { patientKeys: keys.reason }),
        },
      };
    },
    start: () => void (started = true),
    hasStarted: () => started,
    drain: () => void (draining = true),
  };
}
