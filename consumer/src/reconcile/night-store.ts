import type { Sql } from "postgres";
import type { PruneBatch } from "../postgres/retention.ts";
import type { ReconcileReport } from "./report.ts";

/** Whether this night's comparison is still to be done; it is this process's then, unless another one is at it. */
export async function takeNight(sql: Sql, night: Date, now: Date): Promise<boolean> {
  const rows = await sql`
    insert into reconciliations (night, started_at) values (${day(night)}, ${now})
    on conflict (night) do update set started_at = excluded.started_at where reconciliations.finished_at is null
    returning night`;
  return rows.length > 0;
}

export async function finishNight(sql: Sql, night: Date, report: ReconcileReport, now: Date): Promise<void> {
  const { compared, found, mended, failures } = report;
  await sql`
    update reconciliations set finished_at = ${now}, compared = ${compared}, found = ${found}, mended = ${mended},
      failures = ${failures.length}
    where night = ${day(night)}`;
}

/** Of the last comparison by the clock: differences that it left, and what it could not ask. */
export async function readLastNight(sql: Sql): Promise<{ differences: number; failures: number } | undefined> {
  const [row] = await sql<{ differences: number; failures: number }[]>`
    select found - mended as differences, failures from reconciliations where finished_at is not null
    order by night desc limit 1`;
  return row;
}

export const pruneNights: PruneBatch = (sql, before, limit) =>
  sql`delete from reconciliations where night in (
    select night from reconciliations where started_at < ${before} limit ${limit})`;

const day = (night: Date) => night.toISOString().slice(0, 10);
