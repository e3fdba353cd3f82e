import type { Sql } from "../postgres/database.ts";
import type { OutboxState } from "../telemetry/metrics.ts";

/** Up to some ten thousand events are counted; of more, so many pages of the table are, and the rest follows from them. */
const countedPages = 2_000;

/** What waits in the outbox, in a time that does not grow with it. */
export async function readOutboxState(sql: Sql): Promise<OutboxState> {
  const [size] = await sql<{ share: number }[]>`
    SELECT least(1, ${countedPages} * current_setting('block_size')::float8 / greatest(pg_relation_size('outbox'), 1))
      AS share`;
  const share = size?.share ?? 1;
  const [row] = await sql<OutboxState[]>`
    SELECT round(count(*) / ${share}::float8)::int AS pending,
      round(count(*) FILTER (WHERE last_error IS NOT NULL) / ${share}::float8)::int AS failed,
      coalesce(extract(epoch FROM clock_timestamp() - (SELECT created_at FROM outbox ORDER BY id LIMIT 1)), 0)::float8
        AS "oldestAgeSeconds"
    FROM outbox TABLESAMPLE SYSTEM (${100 * share})`;
  return row as OutboxState;
}
