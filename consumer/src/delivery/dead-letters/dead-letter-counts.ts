import type { Sql } from "postgres";
import type { DeadLetterCount } from "../../ops/collect-gauges.ts";

export interface CauseCount extends DeadLetterCount {
  cause: string;
}

/** Of each job, reason and cause, of those that nobody has settled. */
export async function countCauses(sql: Sql): Promise<CauseCount[]> {
  return await sql<CauseCount[]>`
    select job, reason, cause, sum(delta)::integer as count from dead_letter_counts
    group by job, reason, cause having sum(delta) > 0`;
}

export async function countDeadLetters(sql: Sql): Promise<DeadLetterCount[]> {
  return await sql<DeadLetterCount[]>`
    select job, reason, sum(delta)::integer as count from dead_letter_counts
    group by job, reason having sum(delta) > 0`;
}

const maxRows = 500;

/** Adds up what has come together; several processes may, since each row is taken by one of them. */
export async function addUpCounts(sql: Sql): Promise<void> {
  await sql`
    with taken as (
      delete from dead_letter_counts where (select count(*) from dead_letter_counts) > ${maxRows}
      returning job, reason, cause, delta
    )
    insert into dead_letter_counts (job, reason, cause, delta)
    select job, reason, cause, sum(delta) from taken group by job, reason, cause having sum(delta) <> 0`;
}
