import type { Sql, TransactionSql } from "postgres";
import { auditedColumns, type AuditedSend, auditSends } from "../send-audit.ts";

/** The replies that Twilio's own opt-out knows; OptOutType is its word for them. */
const stop = new Set(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"]);
const start = new Set(["START", "YES", "UNSTOP"]);

export function optOutOf(body: string, optOutType: string | null): "stop" | "start" | undefined {
  const said = (optOutType ?? body).trim().toUpperCase();
  if (stop.has(said)) return "stop";
  return start.has(said) ? "start" : undefined;
}

const hashOf = (sql: Sql | TransactionSql, text: string) => sql`sha256(convert_to(${text}, 'UTF8'))`;

/** For a condition on `sends`. */
export function hasOptedOut(sql: Sql | TransactionSql) {
  return sql`
    exists (select from sms_opt_outs where number_hash = sha256(convert_to(sends.recipient, 'UTF8')))`;
}

/** Drops what waits for numbers that want nothing more; `number` for one of them only. */
export async function dropOptedOut(sql: TransactionSql, now: Date, number?: string): Promise<number> {
  const dropped = await sql<AuditedSend[]>`
    update sends set state = 'dropped', held = false, claim = null, lease_until = null,
      reason = 'the number wants no text messages', updated_at = ${now}
    where channel = 'sms' and (state = 'pending' or (state = 'sending' and held)) and ${hasOptedOut(sql)}
      ${number === undefined ? sql`` : sql`and recipient = ${number}`}
    returning ${auditedColumns(sql)}`;
  await auditSends(sql, dropped, "dropped", now);
  return dropped.length;
}

/** From now on the number gets nothing, also of what waits; answers how much was dropped. */
export async function optOut(sql: TransactionSql, number: string, now: Date): Promise<number> {
  await sql`
    insert into sms_opt_outs (number_hash, opted_out_at) values (${hashOf(sql, number)}, ${now})
    on conflict do nothing`;
  return await dropOptedOut(sql, now, number);
}

export async function optIn(sql: Sql | TransactionSql, number: string): Promise<void> {
  await sql`delete from sms_opt_outs where number_hash = ${hashOf(sql, number)}`;
}
