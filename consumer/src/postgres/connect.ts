import postgres, { type Sql } from "postgres";
import type { Tls } from "../tls.ts";
import { readDatabaseAddress } from "./database-address.ts";
import { createPrimaryFinder } from "./find-primary.ts";
import { keepToPrimary } from "./keep-to-primary.ts";
import { leaveReadOnlySessions } from "./leave-read-only-sessions.ts";
import { withSettingsPerTransaction } from "./pooled-statements.ts";
import { sessionMark, sessionSettings } from "./session-settings.ts";
import { withSoundTransactions } from "./sound-transactions.ts";
import { watchedSockets } from "./watched-sockets.ts";

export interface PostgresOptions {
  /** The most connections that the pool opens. */
  max: number;
  /** Demands a certificate that it vouches for; without it, the URL's sslmode decides. */
  tls?: Tls | undefined;
  /** Behind a pooler such as PgBouncer: nothing is kept in a session. */
  pooled?: boolean;
  /** Where the tables are. */
  schema?: string;
  applicationName?: string;
  /**
   * A statement that takes longer is cancelled; a transaction that waits for its next one twice as long is ended, and a
   * connection on which nothing comes for that long is given up. Without it, all of these may take for ever.
   */
  statementTimeoutMs?: number | undefined;
}

const idleSeconds = 5;

/** Within a job's time, and short: a connection that went silent is known by what would take longer than this. */
export function statementTimeoutWithin(jobTimeoutMs: number): number {
  return Math.min(jobTimeoutMs, 10_000);
}

/** A pool; connects at the first query. */
export function connectPostgres(url: string, options: PostgresOptions): Sql {
  const { max, tls, pooled = false, schema = "public", statementTimeoutMs } = options;
  const address = readDatabaseAddress(url);
  const primary = createPrimaryFinder(address, tls);
  // More than a server that answers can take, counted from when the connection was last used.
  const silentForMs = idleSeconds * 1_000 + (statementTimeoutMs ?? Infinity) + 2_000;
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
      application_name: options.applicationName ?? "appointments-consumer",
      ...(!pooled && { ...settings, [sessionMark.name]: sessionMark.value }),
    },
  } as postgres.Options<Record<string, postgres.PostgresType>>);
  if (address.targets.length > 1) keepToPrimary(sql, sockets, primary.find);
  const sound = withSoundTransactions(sql);
  return pooled ? withSettingsPerTransaction(sound, settings) : sound;
}
