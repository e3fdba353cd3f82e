import type { Sql } from "postgres";
import { answerInTime } from "../postgres/answer-in-time.ts";

/** What the process needs to do its work. */
export interface Readiness {
  status: "ready" | "unavailable";
  /** `read-only`: it answers, and takes no writes. */
  database: "up" | "read-only" | "down";
  broker: "up" | "down";
  /** Whether every job's queue is being read. */
  consumers: "up" | "down";
  /** Whether the last look at exchanges and queues found them all. */
  topology: "up" | "down";
  /** Where there are any. Reported only: the jobs that read nothing personal go on, and what waits uses up no attempt. */
  patientKeys?: "up" | "down";
  /** Why what is not up is not. */
  reasons: { database?: string; broker?: string; consumers?: string; topology?: string; patientKeys?: string };
}

export interface ReadinessDependencies {
  sql: Sql;
  /** The database of patients' keys. */
  keysSql?: Sql | undefined;
  /** Why the last write was refused, if it was. */
  writeFault(): string | undefined;
  isBrokerUp(): boolean;
  /** What the broker refuses, if that is why there is no connection. */
  brokerRefusal(): string | undefined;
  isConsuming(): boolean;
  /** What the broker lacked. */
  missingTopology(): readonly string[];
}

const databaseTimeoutMs = 2_000;

/** PostgreSQL's own words, but of the network only what happened: anybody may ask, and nobody is told addresses. */
function reasonOf({ name, message, code }: Error & { code?: string }): string {
  return name === "PostgresError" || code === undefined ? message : code;
}

export function createReadiness(dependencies: ReadinessDependencies) {
  const { sql, keysSql, writeFault, isBrokerUp, brokerRefusal, isConsuming, missingTopology } = dependencies;

  async function lookAtDatabase(): Promise<{ state: Readiness["database"]; reason?: string | undefined }> {
    const question = sql<{ standby: boolean; readOnly: boolean }[]>`
      select pg_is_in_recovery() as standby, current_setting('transaction_read_only') = 'on' as "readOnly"`;
    try {
      const [row] = await answerInTime(databaseTimeoutMs, question);
      if (row?.standby) return { state: "read-only", reason: "it is a standby" };
      if (row?.readOnly) return { state: "read-only", reason: "its transactions are read-only" };
    } catch (error) {
      return { state: "down", reason: reasonOf(error as Error) };
    }
    const fault = writeFault();
    return fault === undefined ? { state: "up" } : { state: "read-only", reason: fault };
  }

  /** Undefined while they can be read. */
  async function whyNoKeys(sql: Sql): Promise<string | undefined> {
    try {
      await answerInTime(databaseTimeoutMs, sql`select from patient_keys limit 1`);
      return undefined;
    } catch (error) {
      return reasonOf(error as Error);
    }
  }

  return async function readiness(): Promise<Readiness> {
    const [{ state: database, reason }, keysReason] = await Promise.all([
      lookAtDatabase(),
      keysSql && whyNoKeys(keysSql),
    ]);
    const broker = isBrokerUp() ? "up" : "down";
    const consumers = isConsuming() ? "up" : "down";
    const missing = missingTopology();
    const topology = missing.length === 0 ? "up" : "down";
    return {
      status: [database, broker, consumers, topology].every((state) => state === "up") ? "ready" : "unavailable",
      database,
      broker,
      consumers,
      topology,
      ...(keysSql && { patientKeys: keysReason === undefined ? "up" : "down" }),
      reasons: {
        ...(reason !== undefined && { database: reason }),
        ...(broker === "down" && { broker: brokerRefusal() ?? "no connection" }),
        ...(consumers === "down" && { consumers: "a queue is not being read" }),
        ...(topology === "down" && { topology: `missing: ${missing.join(", ")}` }),
        ...(keysReason !== undefined && { patientKeys: keysReason }),
      },
    };
  };
}
