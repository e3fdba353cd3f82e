import { randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import type { Worker } from "../../outgoing/worker.ts";
import type { Channel, SendContent } from "./send.ts";
import { createResultRecorder } from "./result-recorder.ts";
import { endInterrupted } from "./interrupted-sends.ts";
import { dropOptedOut, hasOptedOut } from "./sms/opt-outs.ts";
import { auditedColumns, type AuditedSend, auditSends } from "./send-audit.ts";

/** A send that this process holds under a lease. */
export interface ClaimedSend {
  id: string;
  claim: string;
  eventKey: string;
  channel: Channel;
  recipient: string;
  template: string;
  appointmentId: string;
  correlationId: string | undefined;
  traceparent: string | null;
  content: SendContent;
  attempts: number;
}

/** The other side took nothing; `attempts` are those that are used up. */
interface PutOff {
  state: "pending";
  reason: string;
  /** Until it may be tried again, from when this is recorded: by then the clock may have been set. */
  delayMs: number;
  attempts: number;
}

export type SendResult =
  | { state: "sent"; reference: string | undefined; contentHash?: string | undefined }
  | { state: "failed" | "unknown"; reason: string }
  | PutOff;

/**
 * The sender's side of the ledger. A send is handed over at most once: its start is committed before, and one whose
 * lease runs out after that without a result becomes `unknown`, which only a person takes back to `pending`.
 */
export interface SendLedger {
  /** When the next send of a channel is to be claimed. */
  dueIn(channel: Channel): Worker["dueIn"];
  /** Takes due sends of a channel; never one with an earlier, unfinished send to the same recipient on the visit. */
  claim(channel: Channel, limit: number): Promise<ClaimedSend[]>;
  /** Notes that claimed sends are handed over now, under a new lease; returns those that still are this process's. */
  start(sends: ClaimedSend[]): Promise<ClaimedSend[]>;
  /** Gives claimed sends back that were not started. */
  release(sends: ClaimedSend[]): Promise<void>;
  /** Records what came of a started send, also when its lease ran out meanwhile. */
  record(send: ClaimedSend, result: SendResult): Promise<void>;
  /** When the next lease or time to send runs out. */
  expiryDueIn: Worker["dueIn"];
  /**
   * Ends what was started and never recorded: as its receipt says where there is one. Drops what nobody waits for any
   * more.
   */
  expire(): Promise<{ unknown: number; told: number; dropped: number; released: number }>;
}

export interface SendLedgerOptions {
  sql: Sql;
  /** Longer than any hand-over can take. */
  leaseMs: number;
  now: () => Date;
}

/** Processes' clocks may differ by this much; what was written later than that was written by a clock that was ahead. */
const skewMs = 60_000;

export function createSendLedger({ sql, leaseMs, now }: SendLedgerOptions): SendLedger {
  const later = (at: Date, ms: number) => new Date(at.getTime() + ms);
  /** Due, or written by a clock that has been set back since, so that nobody knows when it is due. */
  const isDue = (at: Date) => sql`(due_at <= ${at} or updated_at > ${later(at, skewMs)})`;
  /** Run out, or longer than any lease of now can be. */
  const leaseIsOver = (at: Date) => sql`(lease_until <= ${at} or lease_until > ${later(at, leaseMs + skewMs)})`;

  /** For an `update sends … from`: those that a process claimed, as long as nobody else has them. */
  const claimedBy = (sends: readonly ClaimedSend[]) =>
    sql`unnest(${sends.map(({ id }) => id)}::bigint[], ${sends.map(({ claim }) => claim)}::uuid[]) as one (id, claim)`;

  /**
   * Back to be claimed by whoever comes. It was due when it was claimed, so it is due: by a clock that has been set back since,
   * it would be so much later.
   */
  const givenBack = (at: Date) =>
    sql`state = 'pending', held = false, claim = null, lease_until = null, updated_at = ${at}, due_at = least(due_at, ${at})`;

  async function release(sends: ClaimedSend[]): Promise<void> {
    await sql`
      update sends set ${givenBack(now())}
      from ${claimedBy(sends)}
      where sends.id = one.id and sends.claim = one.claim and state = 'sending' and held`;
  }

  return {
    dueIn: (channel) => (sql) => {
      const at = now();
      return sql`
        select case
          when exists (select from sends where channel = ${channel} and state = 'pending'
            and updated_at > ${later(at, skewMs)}) then 0
          else (select extract(epoch from min(due_at) - ${at}::timestamptz) from sends
            where channel = ${channel} and state = 'pending') end`;
    },

    expiryDueIn(sql) {
      const at = now();
      return sql`
        select case
          when exists (select from sends where state = 'sending' and lease_until > ${
        later(at, leaseMs + skewMs)
      }) then 0
          else extract(epoch from least(
            (select min(lease_until) from sends where state = 'sending'),
            (select min(expires_at) from sends where state = 'pending' and expires_at is not null)
          ) - ${at}::timestamptz) end`;
    },

    async claim(channel, limit) {
      const at = now();
      const claim = randomUUID();
      if (channel === "sms") await sql.begin((transaction) => dropOptedOut(transaction, at));
      const rows = await sql<(Omit<ClaimedSend, "correlationId"> & { correlationId: string | null })[]>`
        update sends set
          state = 'sending', held = true, claim = ${claim}, lease_until = ${later(at, leaseMs)},
          updated_at = ${at}
        from (
          select id from sends as due
          where channel = ${channel} and state = 'pending' and ${isDue(at)}
            and (expires_at is null or expires_at > ${at})
            and not exists (
              select from sends as earlier
              where earlier.appointment_id = due.appointment_id and earlier.channel = due.channel
                and earlier.recipient = due.recipient and earlier.id < due.id
                and earlier.state in ('pending', 'sending')
            )
          order by due_at, id limit ${limit}
          for update skip locked
        ) as due
        where sends.id = due.id
        returning sends.id, claim, event_key as "eventKey", channel, recipient, template,
          appointment_id as "appointmentId", correlation_id as "correlationId", traceparent, content, attempts`;
      return rows.map((row) => ({ ...row, correlationId: row.correlationId ?? undefined }));
    },

    async start(sends) {
      const at = now();
      const started = await sql<{ id: string }[]>`
        update sends set held = false, envelope = one.claim, lease_until = ${later(at, leaseMs)}, updated_at = ${at}
        from ${claimedBy(sends)}
        where sends.id = one.id and sends.claim = one.claim and state = 'sending' and held
          and (expires_at is null or expires_at > ${at})
          and not (channel = 'sms' and ${hasOptedOut(sql)})
        returning sends.id`;
      const ids = new Set(started.map(({ id }) => id));
      const left = sends.filter(({ id }) => !ids.has(id));
      if (left.length > 0) await release(left);
      return sends.filter(({ id }) => ids.has(id));
    },

    release,

    record: createResultRecorder({ sql, now }),

    async expire() {
      const at = now();
      return await sql.begin(async (transaction) => {
        const released = await transaction`
          update sends set ${givenBack(at)}
          where state = 'sending' and held and ${leaseIsOver(at)}`;
        const interrupted = await endInterrupted(transaction, leaseIsOver(at), at);
        const dropped = await transaction<AuditedSend[]>`
          update sends set state = 'dropped', reason = 'its time was over', updated_at = ${at}
          where state = 'pending' and expires_at <= ${at}
          returning ${auditedColumns(transaction)}`;
        await auditSends(transaction, dropped, "dropped", at);
        return { ...interrupted, dropped: dropped.length, released: released.count };
      });
    },
  };
}
