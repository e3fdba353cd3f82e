import type { Sql } from "postgres";
import { resendSend, SendRefused } from "./send-operations.ts";

export interface FailedFilter {
  channel?: string;
  /** How the reason begins. */
  reason?: string;
}

/**
 * Has every failed send of one cause handed over once more, the oldest first; answers which, and which were left. Left is
 * what nobody waits for any more: the visit has begun, or its reader was told something later meanwhile.
 */
export async function resendFailed(
  sql: Sql,
  { channel, reason }: FailedFilter,
  { actor, now, done }: { actor: string; now: () => Date; done?: (sends: number, of: number) => void },
): Promise<{ resent: string[]; left: string[] }> {
  const failed = await sql<{ id: string; useless: boolean }[]>`
    select id, (content ->> 'startsAt')::timestamptz <= ${now()} or exists (
      select from sends as later
      where later.appointment_id = sends.appointment_id and later.channel = sends.channel
        and later.recipient = sends.recipient and later.id > sends.id and later.state in ('sent', 'unknown')
    ) as useless
    from sends
    where state = 'failed' and settled_as is null
      ${channel ? sql`and channel = ${channel}` : sql``}
      ${reason ? sql`and starts_with(reason, ${reason})` : sql``}
    order by id`;
  const resent: string[] = [];
  const left = failed.filter(({ useless }) => useless).map(({ id }) => id);
  const wanted = failed.filter(({ useless }) => !useless);
  for (const [index, { id }] of wanted.entries()) {
    try {
      await resendSend(sql, { id, actor, now: now() });
      resent.push(id);
    } catch (error) {
      if (!(error instanceof SendRefused)) throw error;
      left.push(id);
    }
    done?.(index + 1, wanted.length);
  }
  return { resent, left };
}
