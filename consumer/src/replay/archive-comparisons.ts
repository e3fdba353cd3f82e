import type { Sql } from "postgres";

/** From now on; what was published before a job was there is a person's to replay. */
export async function beginComparing(sql: Sql, jobs: readonly string[], now: Date): Promise<void> {
  await sql`
    insert into archive_comparisons (job, compared_until, next_at)
    select job, ${now}, ${now} from unnest(${[...jobs]}::text[]) as job
    on conflict do nothing`;
}

/** The jobs whose turn it is, each with the time up to which it has had everything; no other process gets them now. */
export async function takeTurns(
  sql: Sql,
  jobs: readonly string[],
  now: Date,
  everyMs: number,
): Promise<{ job: string; comparedUntil: Date }[]> {
  return await sql<{ job: string; comparedUntil: Date }[]>`
    update archive_comparisons set next_at = ${new Date(now.getTime() + everyMs)}
    where job = any(${[...jobs]}::text[]) and next_at <= ${now}
    returning job, compared_until as "comparedUntil"`;
}

export async function comparedUntil(sql: Sql, job: string): Promise<Date | undefined> {
  const [row] = await sql<{ at: Date }[]>`select compared_until as at from archive_comparisons where job = ${job}`;
  return row?.at;
}

export async function noteCompared(sql: Sql, job: string, until: Date): Promise<void> {
  await sql`
    update archive_comparisons set compared_until = ${until} where job = ${job} and compared_until < ${until}`;
}
