import type { Sql } from "postgres";
import { sessionMark } from "./session-settings.ts";

/** Nothing that is tried again would mend it: somebody has to change the configuration or the database. */
export class UnusableDatabase extends Error {
  override name = "UnusableDatabase";
}

const pooled = "DATABASE_URL leads to a connection pooler: set DATABASE_POOLED=true, or name the server itself";

/** Refuses a pooler that nobody told of, and a pool mode that can't work, with the reason. */
export async function requireSession(sql: Sql, options: { pooled: boolean }): Promise<void> {
  try {
    await sql.begin(async (tx) => {
      const [row] = await tx<{ mark: string | null }[]>`SELECT current_setting(${sessionMark.name}, true) AS mark`;
      if (!options.pooled && row?.mark !== sessionMark.value) throw new UnusableDatabase(pooled);
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    if (/unsupported startup parameter/i.test(message)) {
      throw new UnusableDatabase(`${pooled} (it says: ${message})`, { cause: error });
    }
    if (/statement pooling/i.test(message)) {
      throw new UnusableDatabase(
        `The pooler of DATABASE_URL allows no transactions: set pool_mode to session or transaction (it says: ${message})`,
        { cause: error },
      );
    }
    throw error;
  }
}
