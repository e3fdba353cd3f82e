import postgres, { type Sql } from "postgres";
import { withSoundTransactions } from "./sound-transactions.ts";

export interface PostgresOptions {
  /** The most connections that the pool opens. */
  max: number;
  applicationName?: string;
  /** A statement that takes longer is cancelled. */
  statementTimeoutMs?: number;
}

/** A pool; connects at the first query. */
export function connectPostgres(url: string, options: PostgresOptions): Sql {
  const sql = postgres(url, {
    max: options.max,
    onnotice: () => {},
    connection: {
      application_name: options.applicationName ?? "appointments-consumer",
      ...(options.statementTimeoutMs !== undefined && { statement_timeout: options.statementTimeoutMs }),
    },
  });
  return withSoundTransactions(sql);
}
