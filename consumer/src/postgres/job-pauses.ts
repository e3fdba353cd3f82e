import type { Sql } from "postgres";

const leaseSeconds = 30;

export async function isPaused(sql: Sql, job: string): Promise<boolean> {
  return (await sql`select from job_pauses where job = ${job} and lease_until > now()`).count > 0;
}

/** Holds the job still in every process for as long as the task takes. */
export async function whilePaused<Result>(sql: Sql, job: string, task: () => Promise<Result>): Promise<Result> {
  const renew = () =>
    sql`
      insert into job_pauses (job, lease_until) values (${job}, now() + ${leaseSeconds} * interval '1 second')
      on conflict (job) do update set lease_until = excluded.lease_until`;
  await renew();
  const timer = setInterval(() => renew().catch(() => {}), leaseSeconds * 1000 / 3);
  try {
    return await task();
  } finally {
    clearInterval(timer);
    await sql`delete from job_pauses where job = ${job}`;
  }
}
