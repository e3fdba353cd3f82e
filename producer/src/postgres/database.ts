import postgres from "postgres";
import type { Tls } from "../tls.ts";
import { withSoundTransactions } from "./sound-transactions.ts";

export type Sql = postgres.Sql;
export type Tx = postgres.TransactionSql;
export type SqlOrTx = postgres.ISql;

/** A pool whose statements are bounded, so that a stuck database can't hold a request for ever. */
export function connectDatabase(url: string, options: { max?: number; tls?: Tls | undefined } = {}): Sql {
  const sql = postgres(url, {
    max: options.max ?? 20,
    ...(options.tls && { ssl: options.tls }),
    connect_timeout: 5,
    onnotice: () => {},
    connection: { application_name: "appointment-producer", statement_timeout: 15_000 },
  });
  return withSoundTransactions(sql);
}
