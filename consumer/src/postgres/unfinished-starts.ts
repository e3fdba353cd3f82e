import type { Sql } from "postgres";

/** Notes a start, durably before anything else is done with the message; answers how many have not finished. */
export async function noteStart(sql: Sql, job: string, bodyHash: string): Promise<number> {
  const [row] = await sql<{ starts: number }[]>`
    insert into unfinished_starts (job, body_hash, starts) values (${job}, ${bodyHash}, 1)
    on conflict (job, body_hash) do update set starts = unfinished_starts.starts + 1, last_started_at = now()
    returning starts`;
  return row!.starts;
}

export async function noteFinish(sql: Sql, job: string, bodyHash: string): Promise<void> {
  await sql`delete from unfinished_starts where job = ${job} and body_hash = ${bodyHash}`;
}
