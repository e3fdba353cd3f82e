import type { Sql } from "postgres";
import { sessionMark } from "./session-settings.ts";

/** Nothing that is tried again would mend it: somebody has to change the configuration or the database. */
export class UnusableDatabase extends Error {
  override name = "UnusableDatabase";
}

const noTransactions = "The pooler of DATABASE_URL allows no transactions: set pool_mode to session or transaction";

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
      throw new UnusableDatabase(`${noTransactions} (it says: ${message})`, { cause: error });
    }
    if (options.pooled && await closesEachTransaction(sql)) {
      throw new UnusableDatabase(noTransactions, { cause: error });
    }
    throw error;
  }
}

/**
 * PgBouncer in statement mode closes a connection that begins a transaction, and its reason may come too late to be read.
 * What takes statements between them, but no transaction, is not a server that comes and goes.
 */
async function closesEachTransaction(sql: Sql): Promise<boolean> {
  let statements = 0;
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      statements += (await sql`SELECT 1`).length;
      await sql.begin((tx) => tx`SELECT 1`);
      return false;
    } catch (error) {
      if (/statement pooling/i.test(String(error))) return true;
      if ((error as { code?: string }).code !== "CONNECTION_CLOSED") return false;
    }
  }
  return statements >= 3;
}
