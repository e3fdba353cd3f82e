import type { Sql } from "postgres";
import type { IntentCount } from "../../ops/collect-gauges.ts";

/** Sends that are neither finished nor settled by a person; reads the index of what is unfinished, not the ledger. */
export async function countUnfinishedSends(sql: Sql): Promise<IntentCount[]> {
  return await sql<IntentCount[]>`
    select 'notifications-' || channel as sender, state, count(*)::integer as count,
      greatest(0, extract(epoch from now() - min(created_at)))::double precision as "ageSeconds"
    from sends
    where state in ('pending', 'sending', 'failed', 'unknown') and settled_as is null
    group by channel, state`;
}
