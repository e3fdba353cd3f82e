import type { PruneBatch } from "../../postgres/retention.ts";

/** Empties what was sent or dropped before then of what it said, but for what later messages of the visit go by. */
export const forgetContents: PruneBatch = (sql, before, limit) =>
  sql`update sends set
      content_forgotten = true,
      content = case when content ? 'calendarWritten' then '{"calendarWritten": true}'::jsonb else '{}'::jsonb end
    where id in (
      select id from sends
      where updated_at < ${before} and state in ('sent', 'dropped') and not content_forgotten limit ${limit})`;
