import type { Sql } from "postgres";
import { aborted } from "../aborted.ts";
import type { AgendaItem } from "./agenda.ts";

const leaseSeconds = 30;
/** The space of this lock among the advisory locks of two numbers; spells "hold". */
const lockSpace = 0x686f6c64;

/** Whether an operator's command holds a job still, in every process (see holdJob). */
export interface JobPauses {
  /** Resolves when the job is paused, or isn't; at once if that is known already, and when `stop` is aborted. */
  until(job: string, paused: boolean, stop: AbortSignal): Promise<void>;
}

/** For jobs that nobody pauses. */
export const neverPaused: JobPauses = { until: (_, paused, stop) => paused ? aborted(stop) : Promise.resolve() };

/** The pauses of these jobs as the agenda sees them: they cost no statement of their own. */
export function createJobPauses(jobs: readonly string[]): JobPauses & { items: AgendaItem[] } {
  const states = new Map<string, boolean>();
  const waiting = new Set<{ job: string; paused: boolean; resolve: () => void }>();

  function note(job: string, paused: boolean): void {
    states.set(job, paused);
    for (const one of waiting) if (one.job === job && one.paused === paused) one.resolve();
  }

  return {
    items: jobs.map((job) => ({
      dueIn: (sql) => sql`select extract(epoch from lease_until - now()) from job_pauses where job = ${job}`,
      told(seconds) {
        if (seconds !== undefined) note(job, seconds !== null && seconds > 0);
        // As it was, or not paused when the database has never said so.
        else if (!states.has(job)) note(job, false);
      },
    })),
    async until(job, paused, stop) {
      if (stop.aborted || states.get(job) === paused) return;
      let end = () => {};
      await new Promise<void>((resolve) => {
        const one = { job, paused, resolve };
        waiting.add(one);
        stop.addEventListener("abort", resolve as () => void, { once: true });
        end = () => {
          waiting.delete(one);
          stop.removeEventListener("abort", resolve as () => void);
        };
      });
      end();
    },
  };
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
