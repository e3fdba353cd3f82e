import type { Sql } from "postgres";
import type { Target } from "./database-address.ts";
import type { WatchedSockets } from "./watched-sockets.ts";

const everyMs = 3_000;

/** Leaves a server that became a standby without a word, as soon as another one of the address takes writes. */
export function keepToPrimary(sql: Sql, sockets: WatchedSockets, findPrimary: () => Promise<Target>): void {
  async function look(): Promise<void> {
    const [row] = await sql<{ readOnly: boolean }[]>`
      SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "readOnly"`;
    if (row?.readOnly) sockets.closeOthers(await findPrimary());
  }
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error) => (error as { code?: string }).code === "CONNECTION_ENDED" && clearInterval(timer))
      .finally(() => (looking = false));
  }, everyMs);
  timer.unref();
}
