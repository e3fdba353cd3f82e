import postgres from "postgres";
import type { Tls } from "../tls.ts";
import { withSoundTransactions } from "./sound-transactions.ts";
import { watchedSockets } from "./watched-sockets.ts";

export type Sql = postgres.Sql;
export type Tx = postgres.TransactionSql;
export type SqlOrTx = postgres.ISql;

const statementTimeoutMs = 15_000;
const idleSeconds = 10;
/** More than a server that answers can take, counted from when the connection was last used. */
const longestSilenceMs = idleSeconds * 1_000 + statementTimeoutMs + 5_000;

/**
 * A pool whose statements are bounded, so that a stuck database can't hold a request for ever: by the server while it
 * lives, and by the silence on the connection when it is gone without a word. Infinite silence suits statements that lift
 * their own timeout.
 */
export function connectDatabase(
  url: string,
  options: { max?: number; tls?: Tls | undefined; silentForMs?: number } = {},
): Sql {
  const { max = 20, tls, silentForMs = longestSilenceMs } = options;
  const sql = postgres(url, {
    max,
    ...(tls && { ssl: tls }),
    ...watchedSockets(silentForMs),
    idle_timeout: idleSeconds,
    connect_timeout: 5,
    onnotice: () => {},
    connection: { application_name: "appointment-producer", statement_timeout: statementTimeoutMs },
  });
  return withSoundTransactions(sql);
}
