import postgres from "postgres";
import type { Tls } from "../tls.ts";
import { readDatabaseAddress } from "./database-address.ts";
import { createPrimaryFinder } from "./find-primary.ts";
import { keepToPrimary } from "./keep-to-primary.ts";
import { leaveReadOnlySessions } from "./leave-read-only-sessions.ts";
import { withSettingsPerTransaction } from "./pooled-statements.ts";
import { sessionMark, sessionSettings } from "./session-settings.ts";
import { withSoundTransactions } from "./sound-transactions.ts";
import { watchedSockets } from "./watched-sockets.ts";

export type Sql = postgres.Sql;
export type Tx = postgres.TransactionSql;
export type SqlOrTx = postgres.ISql;

const statementTimeoutMs = 10_000;
const idleSeconds = 5;
/** More than a server that answers can take, counted from when the connection was last used. */
const longestSilenceMs = idleSeconds * 1_000 + statementTimeoutMs + 2_000;

export type DatabaseOptions = {
  max?: number;
  tls?: Tls | undefined;
  /** Behind a pooler such as PgBouncer: nothing is kept in a session. */
  pooled?: boolean;
  /** Where the tables are. */
  schema?: string;
  applicationName?: string;
  silentForMs?: number;
};

/**
 * A pool whose statements are bounded, so that a stuck database can't hold a request for ever: by the server while it
 * lives, and by the silence on the connection when it is gone without a word. Infinite silence suits statements that lift
 * their own timeout.
 */
export function connectDatabase(url: string, options: DatabaseOptions = {}): Sql {
  const { max = 20, tls, pooled = false, schema = "public", applicationName = "appointment-producer" } = options;
  const { silentForMs = longestSilenceMs } = options;
  const address = readDatabaseAddress(url);
  const primary = createPrimaryFinder(address, tls);
  const sockets = watchedSockets(primary.find, silentForMs);
  const settings = sessionSettings(schema, { statementTimeoutMs });
  const sql = postgres(address.url, {
    max,
    ...(tls && { ssl: tls }),
    socket: sockets.socket,
    idle_timeout: idleSeconds,
    connect_timeout: 5,
    prepare: !pooled,
    onnotice: () => {},
    onparameter: leaveReadOnlySessions(sockets, primary.mayWrite),
    connection: {
      application_name: applicationName,
      ...(!pooled && { ...settings, [sessionMark.name]: sessionMark.value }),
    },
  } as postgres.Options<Record<string, postgres.PostgresType>>);
  if (address.targets.length > 1) keepToPrimary(sql, sockets, primary.find);
  const sound = withSoundTransactions(sql);
  return pooled ? withSettingsPerTransaction(sound, settings) : sound;
}
