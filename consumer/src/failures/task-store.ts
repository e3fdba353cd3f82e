import { randomUUID } from "node:crypto";
import type { JSONValue, Sql } from "postgres";
import type { PruneBatch } from "../postgres/retention.ts";

export type TaskAction = "replay" | "discard" | "resend" | "settle-sent" | "settle-not-sent";

/** Which failures: of sends, `job` is the channel and `reason` the state. */
export interface TaskFilter {
  job: string;
  reason: string;
  /** All causes where it is left out. */
  cause?: string | undefined;
}

export interface Task {
  id: string;
  kind: "dead-letters" | "sends";
  action: TaskAction;
  filter: TaskFilter;
  why: string;
  actor: string;
  total: number;
  done: number;
  missed: number;
  /** `stopped`: its process ended before it did; what is left is still in its group. */
  state: "running" | "done" | "stopped" | "failed";
  error: string | null;
  startedAt: Date;
  finishedAt: Date | null;
}

export type NewTask = Pick<Task, "kind" | "action" | "filter" | "why" | "actor">;

const silentSeconds = 30;

export async function addTask(sql: Sql, { kind, action, filter, why, actor }: NewTask, now: Date): Promise<string> {
  const id = randomUUID();
  await sql`
    insert into ops_tasks (id, kind, action, filter, why, actor, state, started_at, beat_at)
    values (${id}, ${kind}, ${action}, ${
    sql.json(filter as unknown as JSONValue)
  }, ${why}, ${actor}, 'running', ${now}, ${now})`;
  return id;
}

export async function noteProgress(
  sql: Sql,
  id: string,
  { total, done, missed }: Pick<Task, "total" | "done" | "missed">,
  now: Date,
): Promise<void> {
  await sql`update ops_tasks set total = ${total}, done = ${done}, missed = ${missed}, beat_at = ${now} where id = ${id}`;
}

export async function endTask(
  sql: Sql,
  id: string,
  state: Task["state"],
  error: string | null,
  now: Date,
): Promise<void> {
  await sql`
    update ops_tasks set state = ${state}, error = ${error}, beat_at = ${now}, finished_at = ${now} where id = ${id}`;
}

/** The newest first. */
export async function readTasks(sql: Sql, now: Date, limit = 10): Promise<Task[]> {
  return await sql<Task[]>`
    select id, kind, action, filter, why, actor, total, done, missed, error, started_at as "startedAt",
      finished_at as "finishedAt",
      case when state = 'running' and beat_at < ${now}::timestamptz - ${silentSeconds} * interval '1 second'
        then 'stopped' else state end as state
    from ops_tasks order by started_at desc limit ${limit}`;
}

export const pruneTasks: PruneBatch = (sql, before, limit) =>
  sql`delete from ops_tasks where id in (select id from ops_tasks where started_at < ${before} limit ${limit})`;
