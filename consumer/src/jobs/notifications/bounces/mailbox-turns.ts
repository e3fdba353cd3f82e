import type { Sql } from "postgres";
import type { Worker } from "../../../outgoing/worker.ts";

/** How far a mailbox was read: UIDs grow, as long as their validity is the same (RFC 9051, 2.3.1.1). */
export interface MailboxPosition {
  uidValidity: bigint;
  lastUid: number;
}

/** Lets one process at a time read a mailbox, from where the last one stopped. */
export interface MailboxTurns {
  dueIn: Worker["dueIn"];
  /** Undefined where it is another's turn, or nobody's yet. */
  take(): Promise<MailboxPosition | undefined>;
  /** Everything up to there is done with. */
  advance(position: MailboxPosition): Promise<void>;
  /** Ends the turn of this process; the next one is then. */
  end(inMs: number): Promise<void>;
}

export interface MailboxTurnsOptions {
  sql: Sql;
  /** Tells the mailbox from others. */
  mailbox: string;
  /** Longer than a turn can take: the turn of a process that was killed is over then. */
  leaseMs: number;
  /** No turn is set further ahead; a time beyond it is that of a clock that was set back. */
  maxWaitMs: number;
  now: () => Date;
}

export function createMailboxTurns({ sql, mailbox, leaseMs, maxWaitMs, now }: MailboxTurnsOptions): MailboxTurns {
  const later = (ms: number) => new Date(now().getTime() + ms);

  return {
    dueIn(sql) {
      return sql`
        coalesce((
          select case when check_at > ${later(leaseMs + maxWaitMs)} then 0
            else extract(epoch from check_at - ${now()}::timestamptz) end
          from bounce_mailboxes where mailbox = ${mailbox}), 0)`;
    },
    async take() {
      const [row] = await sql<{ uidValidity: string; lastUid: string }[]>`
        insert into bounce_mailboxes as known (mailbox, check_at) values (${mailbox}, ${later(leaseMs)})
        on conflict (mailbox) do update set check_at = excluded.check_at
        where known.check_at <= ${now()} or known.check_at > ${later(leaseMs + maxWaitMs)}
        returning uid_validity as "uidValidity", last_uid as "lastUid"`;
      return row && { uidValidity: BigInt(row.uidValidity), lastUid: Number(row.lastUid) };
    },
    async advance({ uidValidity, lastUid }) {
      // A slow process whose turn was taken sets nobody back.
      await sql`
        update bounce_mailboxes set
          last_uid = case when uid_validity = ${
        String(uidValidity)
      }::bigint then greatest(last_uid, ${lastUid}) else ${lastUid} end,
          uid_validity = ${String(uidValidity)}::bigint
        where mailbox = ${mailbox}`;
    },
    async end(inMs) {
      await sql`update bounce_mailboxes set check_at = ${later(inMs)} where mailbox = ${mailbox}`;
    },
  };
}
