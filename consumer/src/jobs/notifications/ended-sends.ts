import type { TransactionSql } from "postgres";
import { auditedColumns, type AuditedSend } from "./send-audit.ts";
import { truths } from "../../postgres/columns.ts";

/** Sends of visits that are of no use any more, or are to reach somebody no more. */
export interface Ended {
  appointmentId: string;
  /** One recipient of a channel, perhaps without reminders; else all reminders. */
  of: Recipient | "reminders";
}

type Recipient = { channel: string; recipient: string; exceptReminders: boolean };

/**
 * Ends sends. What waits is dropped; what a sender hands over at this moment, or a person may have sent again, is past its
 * time, so that nothing brings it back. Answers those that were dropped, the oldest first.
 */
export async function endSends(
  sql: TransactionSql,
  ended: readonly Ended[],
  reason: string,
  now: Date,
): Promise<AuditedSend[]> {
  const [first] = ended;
  if (!first) return [];
  const visits = ended.map(({ appointmentId }) => appointmentId);
  const theirs = first.of === "reminders"
    ? sql`appointment_id = any(${visits}::uuid[]) and template like '%-reminder'`
    : sql`exists (
        select from unnest(
          ${visits}::uuid[], ${ended.map(({ of }) => (of as Recipient).channel)}::text[],
          ${ended.map(({ of }) => (of as Recipient).recipient)}::text[],
          ${truths(ended.map(({ of }) => (of as Recipient).exceptReminders))}::text[]::boolean[]
        ) as silenced (appointment_id, channel, recipient, except_reminders)
        where silenced.appointment_id = sends.appointment_id and silenced.channel = sends.channel
          and silenced.recipient = sends.recipient and not (except_reminders and template like '%-reminder'))
      and appointment_id = any(${visits}::uuid[])`;
  const rows = await sql<(AuditedSend & { dropped: boolean })[]>`
    with ended as (
      select id as ended_id, state = 'pending' or (state = 'sending' and held) as dropped from sends
      where ${theirs} and (state = 'pending' or held or expires_at is null or expires_at > ${now})
      order by id for update
    )
    update sends set
      state = case when dropped then 'dropped' else state end,
      held = held and not dropped,
      claim = case when dropped then null else claim end,
      lease_until = case when dropped then null else lease_until end,
      reason = case when dropped then ${reason} else reason end,
      updated_at = case when dropped then ${now} else updated_at end,
      expires_at = least(expires_at, ${now}::timestamptz)
    from ended where id = ended_id
    returning ${auditedColumns(sql)}, dropped`;
  return rows.filter(({ dropped }) => dropped).sort((a, b) => Number(a.id) - Number(b.id));
}
