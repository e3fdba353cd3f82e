import postgres, { type Sql } from "postgres";
import type { Tls } from "../tls.ts";
import { withSoundTransactions } from "./sound-transactions.ts";

export interface PostgresOptions {
  /** The most connections that the pool opens. */
  max: number;
  /** Demands a certificate that it vouches for; without it, the URL's sslmode decides. */
  tls?: Tls | undefined;
  applicationName?: string;
  /** A statement that takes longer is cancelled; a transaction that waits for its next one twice as long is ended. */
  statementTimeoutMs?: number;
}

/** A pool; connects at the first query. */
export function connectPostgres(url: string, options: PostgresOptions): Sql {
  const sql = postgres(url, {
    max: options.max,
    ...(options.tls && { ssl: options.tls }),
    onnotice: () => {},
    connection: {
      application_name: options.applicationName ?? "appointments-consumer",
      ...(options.statementTimeoutMs !== undefined && {
        statement_timeout: options.statementTimeoutMs,
        // The transaction of a client that died without a word would hold its locks for hours.
        idle_in_transaction_session_timeout: 2 * options.statementTimeoutMs,
      }),
    },
  });
  return withSoundTransactions(sql);
}
