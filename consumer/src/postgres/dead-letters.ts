import type { Sql } from "postgres";
import type { DeadLetterCount } from "../telemetry/collect-gauges.ts";

export async function countDeadLetters(sql: Sql): Promise<DeadLetterCount[]> {
  return await sql<DeadLetterCount[]>`
    select job, reason, count(*)::integer as count from dead_letters where state = 'stored' group by job, reason`;
}
