import type { TransactionSql } from "postgres";
import type { Told } from "../job.ts";
import type { NotificationsEvent } from "../../generated/jobs.ts";
import type { Finding } from "../reconciliation.ts";
import { addSends } from "./new-sends.ts";
import type { NewSend } from "./send.ts";
import { auditedColumns, type AuditedSend, auditSends } from "./send-audit.ts";
import type { Visit } from "./store.ts";

interface LedgerRow extends AuditedSend {
  state: string;
}

/** What the ledger holds of the visits, and what the audit trail says was made of their events. */
export interface Ledger {
  rows: readonly LedgerRow[];
  /** How many sends an event was given when it was handled. */
  given: ReadonlyMap<string, number>;
  /** Sends of which the trail tells an end, whether or not the ledger still has them. */
  ended: ReadonlySet<string>;
}

const keyOf = ({ eventKey, channel, template }: { eventKey: string; channel: string; template: string }) =>
  [eventKey, channel, template].join("\n");

export async function readLedger(sql: TransactionSql, ids: readonly string[]): Promise<Ledger> {
  const rows = await sql<LedgerRow[]>`
    select ${auditedColumns(sql)}, state from sends where appointment_id = any(${[...ids]}::uuid[])
    order by id for update`;
  const told = await sql<{ eventKey: string; text: string | null; channel: string | null; template: string | null }[]>`
    select event_key as "eventKey", detail ->> 'detail' as text, detail ->> 'channel' as channel,
      detail ->> 'template' as template
    from audit_outcomes
    where aggregate_id = any(${[...ids]}::text[]) and job = 'notifications' and event_key is not null`;
  const given = new Map<string, number>();
  const ended = new Set<string>();
  for (const { eventKey, text, channel, template } of told) {
    if (channel !== null && template !== null) ended.add(keyOf({ eventKey, channel, template }));
    const count = /^(\d+) to send$/.exec(text ?? "")?.[1];
    if (count !== undefined) given.set(eventKey, Number(count));
  }
  return { rows, given, ended };
}

/**
 * What is still to be said of a visit that is to come, and what waits to be said though no event says it. A send is made
 * again only where the ledger has none to anybody on its channel with its template, and the audit trail tells of none: at
 * the event's handling it was counted, and nothing was ever made of it. So nothing is said twice.
 */
export function compareSends(
  aggregateId: string,
  { visit, sends }: { visit: Visit; sends: readonly NewSend[] },
  ledger: Ledger,
  told: readonly Told<NotificationsEvent>[],
  now: Date,
  /** An address or number of a doctor. */
  isDoctors: (recipient: string) => boolean,
): Finding[] {
  const rows = ledger.rows.filter(({ appointmentId }) => appointmentId === aggregateId);
  const what = ({ channel, template }: { channel: string; template: string }) => `send ${template} by ${channel}`;
  const eventKey = sends[0]?.eventKey;
  const given = eventKey === undefined ? 0 : ledger.given.get(eventKey) ?? 0;
  const kept = new Set(rows.map(keyOf));
  const isThere = (send: NewSend) => kept.has(keyOf(send)) || ledger.ended.has(keyOf(send));
  const isReached = ({ recipient }: NewSend) =>
    recipient === visit.patientEmail || recipient === visit.patientPhone || isDoctors(recipient);
  const isToCome = visit.startsAt > now && (visit.status === "booked" || visit.status === "cancelled");
  const lost = !isToCome ? 0 : given - rows.filter((row) => row.eventKey === eventKey).length;
  const missing = lost <= 0 ? [] : sends.filter((send) => !isThere(send) && isReached(send)).slice(0, lost);
  const keys = new Set(told.map(({ context }) => context.eventKey));
  const extra = rows.filter((row) =>
    row.state === "pending" && !keys.has(row.eventKey) && !row.eventKey.startsWith("reminder:")
  );
  return [
    ...missing.map((send): Finding => ({
      aggregateId,
      kind: "missing",
      what: what(send),
      how: "put into the send ledger: the visit is to come, and nothing was ever made of it",
      mend: (sql) => addSends(sql, [send]),
    })),
    ...extra.map((row): Finding => ({
      aggregateId,
      kind: "extra",
      what: what(row),
      how: "dropped",
      mend: (sql) => dropSend(sql, row, now),
    })),
  ];
}

async function dropSend(sql: TransactionSql, row: LedgerRow, now: Date): Promise<void> {
  await sql`
    update sends set state = 'dropped', reason = 'no event asks for it', updated_at = ${now}
    where id = ${row.id} and state = 'pending'`;
  await auditSends(sql, [row], "dropped", now);
}
