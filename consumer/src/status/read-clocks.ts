import type { Sql } from "postgres";

/** How many seconds the clock of this process is ahead of PostgreSQL's; negative where it is behind. */
export async function secondsAhead(sql: Sql, now: () => Date): Promise<number> {
  const asked = now().getTime();
  const [row] = await sql<[{ at: Date }]>`select clock_timestamp() as at`;
  const answered = now().getTime();
  return ((asked + answered) / 2 - row.at.getTime()) / 1_000;
}
