import type { Sql } from "postgres";

const leaseSeconds = 30;
/** The space of this lock among the advisory locks of two numbers; spells "hold". */
const lockSpace = 0x686f6c64;

export async function isPaused(sql: Sql, job: string): Promise<boolean> {
  return (await sql`select from job_pauses where job = ${job} and lease_until > now()`).count > 0;
}

/** What the one command that holds a job may do with it. */
export interface JobHold {
  /** Holds the job still in every process for as long as the task takes. */
  whilePaused<Result>(task: () => Promise<Result>): Promise<Result>;
}

/** Lets one command at a time work on a job: a second one would end the pause of the first. */
export async function holdJob<Result>(sql: Sql, job: string, task: (hold: JobHold) => Promise<Result>) {
  // The lock lives as long as this transaction, so a command that is killed leaves none behind. A lock of the session
  // would belong to nobody behind a pooler.
  return await sql.begin(async (transaction) => {
    await transaction`set local idle_in_transaction_session_timeout = 0`;
    const [row] = await transaction<[{ held: boolean }]>`
      select pg_try_advisory_xact_lock(${lockSpace}, hashtext(${job})) as held`;
    if (!row.held) throw new Error(`Another command is at work on the job ${job}; try again when it is done`);
    const renew = () =>
      sql`
        insert into job_pauses (job, lease_until) values (${job}, now() + ${leaseSeconds} * interval '1 second')
        on conflict (job) do update set lease_until = excluded.lease_until`;
    return await task({
      async whilePaused(pausedTask) {
        await renew();
        const timer = setInterval(() => renew().catch(() => {}), leaseSeconds * 1000 / 3);
        try {
          return await pausedTask();
        } finally {
          clearInterval(timer);
          await sql`delete from job_pauses where job = ${job}`;
        }
      },
    });
  }) as Result;
}
