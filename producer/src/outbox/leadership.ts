import postgres from "postgres";
import type { Tls } from "../tls.ts";
import { withTimeout } from "../with-timeout.ts";
import type { Sql } from "../postgres/database.ts";
import { watchedSockets } from "../postgres/watched-sockets.ts";

/** Any number that no other lock of this database has. */
const relayLock = 7_203_002;

/** A session that holds the relay's lock. What the leader reads and writes goes through `sql`. */
export type Leadership = {
  readonly sql: Sql;
  /** Whether the session that took the lock still lives. */
  held(): boolean;
  release(): Promise<void>;
};

/**
 * Tries to become the one relay of this database. The lock dies with the connection, and so does `sql`: it never
 * reconnects, so a relay that lost its lock can't go on writing.
 */
export async function takeLeadership(databaseUrl: string, tls?: Tls): Promise<Leadership | undefined> {
  let held = false;
  const sql = postgres(databaseUrl, {
    max: 1,
    ...(tls && { ssl: tls }),
    ...watchedSockets(Infinity),
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 5,
    keep_alive: 5,
    onnotice: () => {},
    // The server, too, must notice a leader that vanished without a word, or its lock would stay for hours.
    connection: {
      application_name: "appointment-producer relay",
      statement_timeout: 15_000,
      tcp_keepalives_idle: 10,
      tcp_keepalives_interval: 5,
      tcp_keepalives_count: 3,
    },
    onclose: () => {
      held = false;
      void sql.end({ timeout: 0 });
    },
  });
  try {
    const lock = sql<{ taken: boolean }[]>`SELECT pg_try_advisory_lock(${relayLock}) AS taken`;
    const [row] = await withTimeout(lock, 20_000, "Taking the lead");
    held = row?.taken ?? false;
  } catch (error) {
    await sql.end({ timeout: 0 });
    throw error;
  }
  if (!held) {
    await sql.end({ timeout: 1 });
    return undefined;
  }
  return {
    sql,
    held: () => held,
    async release() {
      held = false;
      await sql.end({ timeout: 1 });
    },
  };
}
