import { randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import type { Worker } from "../../outgoing/worker.ts";
import type { Channel, SendContent } from "./send.ts";
import { auditedColumns, type AuditedSend, auditSend } from "./send-audit.ts";

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
  content: SendContent;
  attempts: number;
}

/** The other side took nothing; `attempts` are those that are used up. */
interface PutOff {
  state: "pending";
  reason: string;
  dueAt: Date;
  attempts: number;
}

export type SendResult =
  | { state: "sent"; reference: string | undefined }
  | { state: "failed" | "unknown"; reason: string }
  | PutOff;

/**
 * The sender's side of the ledger. A send is handed over at most once: its claim is committed before, and one whose
 * lease runs out without a result becomes `unknown`, which only a person takes back to `pending`.
 */
export interface SendLedger {
  /** When the next send of a channel is to be claimed. */
  dueIn(channel: Channel): Worker["dueIn"];
  /** Takes due sends of a channel; never one with an earlier, unfinished send to the same recipient on the visit. */
  claim(channel: Channel, limit: number): Promise<ClaimedSend[]>;
  /** Records what came of a claimed send, also when its lease ran out meanwhile. */
  record(send: ClaimedSend, result: SendResult): Promise<void>;
  /** When the next lease or time to send runs out. */
  expiryDueIn: Worker["dueIn"];
  /** Marks what was claimed and never recorded, and drops what nobody waits for any more. */
  expire(): Promise<{ unknown: number; dropped: number }>;
}

export interface SendLedgerOptions {
  sql: Sql;
  /** Longer than any hand-over can take. */
  leaseMs: number;
  now: () => Date;
}

export function createSendLedger({ sql, leaseMs, now }: SendLedgerOptions): SendLedger {
  /** The other side's words may hold what was erased while the send was on its way. */
  const unlessForgotten = (reason: string | null) =>
    sql`case when content_forgotten then null else ${reason}::text end`;

  /** Back to `pending`, unless nobody waits for it any more: it would hold up what is to be said instead. */
  async function putBack(send: ClaimedSend, { reason, dueAt, attempts }: PutOff, at: Date): Promise<void> {
    await sql.begin(async (transaction) => {
      const [row] = await transaction<{ state: string }[]>`
        update sends set
          state = case when expires_at <= ${at} then 'dropped' else 'pending' end, claim = null, lease_until = null,
          updated_at = ${at}, attempts = ${attempts}, due_at = ${dueAt}, reference = null,
          reason = ${unlessForgotten(reason)}
        where id = ${send.id} and claim = ${send.claim} and state in ('sending', 'unknown')
        returning state`;
      if (row?.state === "dropped") await auditSend(transaction, send, "dropped", at);
    });
  }

  return {
    dueIn: (channel) => (sql) =>
      sql`select extract(epoch from min(due_at) - ${now()}::timestamptz) from sends
        where channel = ${channel} and state = 'pending'`,

    expiryDueIn: (sql) =>
      sql`select extract(epoch from least(
          (select min(lease_until) from sends where state = 'sending'),
          (select min(expires_at) from sends where state = 'pending' and expires_at is not null)
        ) - ${now()}::timestamptz)`,

    async claim(channel, limit) {
      const at = now();
      const claim = randomUUID();
      const rows = await sql<(Omit<ClaimedSend, "correlationId"> & { correlationId: string | null })[]>`
        update sends set
          state = 'sending', claim = ${claim}, lease_until = ${new Date(at.getTime() + leaseMs)}, updated_at = ${at}
        from (
          select id from sends as due
          where channel = ${channel} and state = 'pending' and due_at <= ${at}
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
          appointment_id as "appointmentId", correlation_id as "correlationId", content, attempts`;
      return rows.map((row) => ({ ...row, correlationId: row.correlationId ?? undefined }));
    },

    async record(send, result) {
      const at = now();
      if (result.state === "pending") return await putBack(send, result, at);
      await sql.begin((transaction) => {
        const marked = transaction`
          update sends set
            state = ${result.state}, claim = null, lease_until = null, updated_at = ${at}, attempts = ${send.attempts},
            reason = ${unlessForgotten(result.state === "sent" ? null : result.reason)},
            reference = ${result.state === "sent" ? result.reference ?? null : null}
          where id = ${send.id} and claim = ${send.claim} and state in ('sending', 'unknown')`;
        // Not one after the other: postgres.js sends both at once.
        return Promise.all([marked, auditSend(transaction, send, result.state, at)]);
      });
    },

    async expire() {
      const at = now();
      return await sql.begin(async (transaction) => {
        // The claim stays, so that a sender that was only slow can still record what it knows.
        const unknown = await transaction<AuditedSend[]>`
          update sends set
            state = 'unknown', reason = 'the sender stopped before it recorded a result', updated_at = ${at}
          where state = 'sending' and lease_until <= ${at}
          returning ${auditedColumns(transaction)}`;
        const dropped = await transaction<AuditedSend[]>`
          update sends set state = 'dropped', reason = 'its time was over', updated_at = ${at}
          where state = 'pending' and expires_at <= ${at}
          returning ${auditedColumns(transaction)}`;
        for (const send of unknown) await auditSend(transaction, send, "unknown", at);
        for (const send of dropped) await auditSend(transaction, send, "dropped", at);
        return { unknown: unknown.length, dropped: dropped.length };
      });
    },
  };
}
