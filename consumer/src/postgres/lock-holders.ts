import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";

/** A session that has kept others waiting for a lock. */
export interface LockHolder {
  pid: number;
  user: string;
  application: string;
  /** As PostgreSQL has it; null of a session of another role, of which it tells a role like ours nothing. */
  state: string | null;
  forSeconds: number | null;
  waiting: number;
  /** What one of those that wait wants to do; without values. */
  statement: string;
}

/** Transactions of the services are over long before. */
const minSeconds = 5;
const maxLooks = 5;
const pauseMs = 500;

/** Those at the head: who waits itself holds up nobody by its own will. */
export async function findLockHolders(sql: Sql): Promise<LockHolder[]> {
  return await sql<LockHolder[]>`
    select holder.pid, holder.usename::text as "user", holder.application_name as application, holder.state,
      extract(epoch from clock_timestamp() - holder.xact_start)::double precision as "forSeconds",
      count(*)::integer as waiting,
      left(regexp_replace(min(waiter.query), '\\s+', ' ', 'g'), 80) as statement
    from pg_stat_activity as waiter
      cross join lateral unnest(pg_blocking_pids(waiter.pid)) as blocking (pid)
      join pg_stat_activity as holder on holder.pid = blocking.pid
    where waiter.datname = current_database() and waiter.wait_event_type = 'Lock'
      and coalesce(holder.wait_event_type, '') <> 'Lock'
      and (holder.xact_start is null or holder.xact_start < clock_timestamp() - make_interval(secs => ${minSeconds}))
    group by holder.pid, holder.usename, holder.application_name, holder.state, holder.xact_start
    order by holder.xact_start`;
}

/** Looks again where there is none: between a statement that has timed out and the next attempt nobody waits. */
export async function lookForLockHolders(sql: Sql): Promise<LockHolder[]> {
  for (let looks = 1; looks < maxLooks; looks++) {
    const holders = await findLockHolders(sql);
    if (holders.length > 0) return holders;
    await sleep(pauseMs);
  }
  return await findLockHolders(sql);
}

/** Ends a session that keeps others waiting, and none that doesn't. False where it is none, or this role may not. */
export async function endLockHolder(sql: Sql, pid: number): Promise<boolean> {
  const holders = await lookForLockHolders(sql);
  if (!holders.some((holder) => holder.pid === pid)) return false;
  const [row] = await sql<[{ ended: boolean }]>`select pg_terminate_backend(${pid}, 5000) as ended`;
  return row.ended;
}
