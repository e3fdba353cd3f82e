import type { Sql } from "postgres";
import { resendSend, SendRefused } from "./send-operations.ts";

export interface FailedFilter {
  channel?: string;
  /** How the reason begins. */
  reason?: string;
}

/** Sends that nobody has settled, the oldest first; with `useful`, apart from what nobody waits for any more at that time. */
export async function listFailed(
  sql: Sql,
  { channel, state = "failed", reason, cause, useful }: FailedFilter & {
    state?: "failed" | "unknown";
    cause?: string;
    useful?: Date | undefined;
  },
): Promise<{ wanted: string[]; left: string[] }> {
  const failed = await sql<{ id: string; useless: boolean }[]>`
    select id, ${
    useful
      ? sql`(content ->> 'startsAt')::timestamptz <= ${useful} or exists (
          select from sends as later
          where later.appointment_id = sends.appointment_id and later.channel = sends.channel
            and later.recipient = sends.recipient and later.id > sends.id and later.state in ('sent', 'unknown')
        )`
      : sql`false`
  } as useless
    from sends
    where state = ${state} and settled_as is null
      ${channel ? sql`and channel = ${channel}` : sql``}
      ${reason ? sql`and starts_with(reason, ${reason})` : sql``}
      ${cause === undefined ? sql`` : sql`and cause = ${cause}`}
    order by id`;
  const idsWhere = (useless: boolean) => failed.filter((send) => send.useless === useless).map(({ id }) => id);
  return { wanted: idsWhere(false), left: idsWhere(true) };
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
  const { wanted, left } = await listFailed(sql, {
    ...(channel && { channel }),
    ...(reason && { reason }),
    useful: now(),
  });
  const resent: string[] = [];
  for (const [index, id] of wanted.entries()) {
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
