import type { Sql } from "postgres";

/**
 * Notes a start, durably before anything else is done with the message; answers how many have not finished. The same
 * `startId` again is the same start.
 */
export async function noteStart(sql: Sql, job: string, bodyHash: string, startId: string): Promise<number> {
  const [row] = await sql<{ starts: number }[]>`
    insert into unfinished_starts (job, body_hash, starts, last_start) values (${job}, ${bodyHash}, 1, ${startId})
    on conflict (job, body_hash) do update set
      starts = unfinished_starts.starts + (unfinished_starts.last_start is distinct from excluded.last_start)::integer,
      last_start = excluded.last_start,
      last_started_at = now()
    returning starts`;
  return row!.starts;
}

export async function noteFinish(sql: Sql, job: string, bodyHash: string): Promise<void> {
  await sql`delete from unfinished_starts where job = ${job} and body_hash = ${bodyHash}`;
}
