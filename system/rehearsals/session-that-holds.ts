import postgres, { type ReservedSql } from "postgres";
import type { Held } from "./rehearsal.ts";

/** Opens a transaction that locks what the statement says, and leaves it open, as a forgotten console does. */
export async function holdSession(database: string, lock: (sql: ReservedSql) => Promise<unknown>): Promise<Held> {
  let ended: () => void;
  const mended = new Promise<void>((resolve) => ended = resolve);
  const sql = postgres(database, {
    max: 1,
    onnotice: () => {},
    onclose: () => ended(),
    connection: { application_name: "forgotten console" },
  });
  const session = await sql.reserve();
  await session`BEGIN`;
  await lock(session);
  return { mended, release: () => sql.end({ timeout: 1 }) };
}
