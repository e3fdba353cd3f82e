import type { Sql } from "postgres";

/** Intents of a sender in one state; those that are finished, and those that a person has settled, are not counted. */
export interface IntentCount {
  sender: string;
  state: string;
  count: number;
  /** Of the oldest. */
  ageSeconds: number;
}

/** Reads the indexes of what is unfinished, not the ledger. */
export async function countUnfinishedIntents(sql: Sql): Promise<IntentCount[]> {
  return await sql<IntentCount[]>`
    select sender, state, count(*)::integer as count,
      greatest(0, extract(epoch from now() - min(since)))::double precision as "ageSeconds"
    from (
      select 'notifications-' || channel as sender, state, created_at as since from sends
      where state in ('pending', 'sending', 'failed', 'unknown') and settled_as is null
      union all
      select 'calendar', state, wanted_at from calendar_intents where state in ('pending', 'conflict', 'failed')
    ) as unfinished
    group by sender, state`;
}
