import type { Sql } from "postgres";
import type { IntentCount } from "../../ops/collect-gauges.ts";

/** Entries that the calendars don't have yet, and those that were given up; reads the index of what is unfinished. */
export async function countUnfinishedEntries(sql: Sql): Promise<IntentCount[]> {
  return await sql<IntentCount[]>`
    select 'calendar' as sender, state, count(*)::integer as count,
      greatest(0, extract(epoch from now() - min(wanted_at)))::double precision as "ageSeconds"
    from calendar_intents where state in ('pending', 'conflict', 'failed')
    group by state`;
}
