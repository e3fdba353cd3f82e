import type { Sql, TransactionSql } from "postgres";
import type { Channel, SendContent } from "./send.ts";
import { appendAudit, type AuditEntry } from "../audit/audit-log.ts";

export const sendStates = ["pending", "sending", "sent", "failed", "unknown", "dropped"] as const;
export type SendState = (typeof sendStates)[number];

/** A row of the send ledger as an operator sees it in a list: without personal data. */
export interface SendSummary {
  id: string;
  state: SendState;
  channel: Channel;
  template: string;
  appointmentId: string;
  eventKey: string;
  attempts: number;
  dueAt: Date;
  updatedAt: Date;
  reason: string | null;
}

export interface SendDetail extends SendSummary {
  recipient: string;
  correlationId: string | null;
  content: SendContent;
  reference: string | null;
  /** The last word of the other side after it took it. */
  receipt: "delivered" | "undelivered" | null;
  receiptAt: Date | null;
  settledAs: "sent" | "not-sent" | null;
  leaseUntil: Date | null;
  expiresAt: Date | null;
  createdAt: Date;
}

export interface SendFilter {
  state?: SendState;
  channel?: Channel;
  appointmentId?: string;
  limit: number;
}

/** The decision cannot be carried out as things are. */
export class SendRefused extends Error {
  override name = "SendRefused";
}

export interface SendDecision {
  id: string;
  /** Who decided; goes into the audit trail. */
  actor: string;
  now: Date;
  /** Given for a whole group; stands with the task that settles it. */
  why?: string;
}

/** Newest first. */
export async function listSends(
  sql: Sql,
  { state, channel, appointmentId, limit }: SendFilter,
): Promise<SendSummary[]> {
  return await sql<SendSummary[]>`
    select ${summaryColumns(sql)} from sends
    where true
      ${state ? sql`and state = ${state}` : sql``}
      ${channel ? sql`and channel = ${channel}` : sql``}
      ${appointmentId ? sql`and appointment_id = ${appointmentId}` : sql``}
    order by id desc limit ${limit}`;
}

export async function findSend(sql: Sql, id: string): Promise<SendDetail | undefined> {
  const [row] = await sql<SendDetail[]>`
    select ${summaryColumns(sql)}, recipient, correlation_id as "correlationId", content, reference,
      receipt, receipt_at as "receiptAt", settled_as as "settledAs", lease_until as "leaseUntil", expires_at as "expiresAt", created_at as "createdAt"
    from sends where id = ${id}`;
  return row;
}

function summaryColumns(sql: Sql) {
  return sql`
    id, state, channel, template, appointment_id as "appointmentId", event_key as "eventKey", attempts,
    due_at as "dueAt", updated_at as "updatedAt", reason`;
}

/** Writes down what a person found out about an `unknown` or `failed` send. Throws SendRefused for any other. */
export async function settleSend(sql: Sql, { id, actor, now }: SendDecision, as: "sent" | "not-sent"): Promise<void> {
  await decide(sql, id, async (transaction, send) => {
    if (send.state === "failed" && send.settledAs !== null) throw new SendRefused(`send ${id} is settled already`);
    if (send.state !== "unknown" && send.state !== "failed") {
      throw new SendRefused(`send ${id} is ${send.state}; only an unknown or failed one is settled`);
    }
    await transaction`
      update sends set state = ${as === "sent" ? "sent" : "failed"}, settled_as = ${as}, updated_at = ${now}
      where id = ${id}`;
    return { occurredAt: now, action: "settled", actor, detail: { send: id, as } };
  });
}

/** Has a send handed over once more, with the same Message-ID. Throws SendRefused while it is on its way. */
export async function resendSend(sql: Sql, { id, actor, now }: SendDecision): Promise<void> {
  await decide(sql, id, async (transaction, send) => {
    if (send.state === "pending" || send.state === "sending") {
      throw new SendRefused(`send ${id} is ${send.state} already`);
    }
    if (send.expiresAt && send.expiresAt <= now) {
      throw new SendRefused(
        `send ${id} is of no use any more: its visit has begun or was changed, or its recipient was removed`,
      );
    }
    if (send.contentForgotten) throw new SendRefused(`what send ${id} said is forgotten`);
    await transaction`
      update sends set
        state = 'pending', claim = null, lease_until = null, attempts = 0, due_at = ${now}, settled_as = null,
        reason = 'to be sent again', reference = null, receipt = null, receipt_at = null, taken_at = null,
        ask_at = null,
        updated_at = ${now}
      where id = ${id}`;
    return { occurredAt: now, action: "resend-requested", actor, detail: { send: id, was: send.state } };
  });
}

type Audit = Omit<AuditEntry, "job" | "eventKey" | "aggregateId" | "correlationId">;
type LockedSend =
  & Pick<
    SendDetail,
    "state" | "settledAs" | "expiresAt" | "eventKey" | "appointmentId" | "correlationId"
  >
  & { contentForgotten: boolean };

/** Decision and audit row commit together, while nobody else changes the send. */
async function decide(
  sql: Sql,
  id: string,
  change: (transaction: TransactionSql, send: LockedSend) => Promise<Audit>,
): Promise<void> {
  await sql.begin(async (transaction) => {
    const [send] = await transaction<LockedSend[]>`
      select state, settled_as as "settledAs", expires_at as "expiresAt", event_key as "eventKey", appointment_id as "appointmentId",
        correlation_id as "correlationId", content_forgotten as "contentForgotten"
      from sends where id = ${id} for update`;
    if (!send) throw new SendRefused(`there is no send ${id}`);
    const audit = await change(transaction, send);
    await appendAudit(transaction, {
      ...audit,
      job: "notifications",
      eventKey: send.eventKey,
      aggregateId: send.appointmentId,
      correlationId: send.correlationId ?? undefined,
    });
  });
}
