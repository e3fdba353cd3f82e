import type { TransactionSql } from "postgres";
import { auditedColumns, type AuditedSend, auditSends } from "./send-audit.ts";

/** What the other side tells of a message: it has it (and its fate is still to come), or the last word. */
export type Told = { word: "taken" | "delivered" } | { word: "undelivered"; reason: string };

/** A send of which something is told, locked until the transaction ends. */
export interface ToldSend extends AuditedSend {
  state: string;
  receipt: "delivered" | "undelivered" | null;
}

/** For a `select … for update` on `sends`. */
export function toldColumns(sql: TransactionSql) {
  return sql`${auditedColumns(sql)}, state, receipt`;
}

/** Sends of which a receipt may tell: what waits was not handed over, or is to be so once more. */
export function isTellable(sql: TransactionSql) {
  return sql`state in ('sending', 'unknown', 'sent', 'failed')`;
}

/**
 * Writes down what became of a send, for every channel; here a send becomes failed that was taken and did not arrive. A
 * receipt proves that the message was taken, so one that was unknown is sent; the last word is kept whatever comes after
 * it. False where nothing is changed by it.
 */
export async function recordReceipt(sql: TransactionSql, send: ToldSend, told: Told, now: Date): Promise<boolean> {
  if (send.receipt !== null) return false;
  const word = told.word === "taken" ? null : told.word;
  // What is being handed over is recorded by its sender, which knows of the receipt by then.
  const isRecorded = send.state !== "sending";
  const becomes = word === "undelivered" ? "failed" : "sent";
  const isSettled = becomes === "sent" && (send.state === "unknown" || send.state === "failed");
  // Found sent before, it would count as settled; one of which a person has said that it was not sent still is.
  const settledAs = isSettled ? "sent" : becomes === "failed" ? sql`nullif(settled_as, 'sent')` : sql`settled_as`;
  await sql`
    update sends set
      receipt = ${word}, receipt_at = ${word ? now : null}, taken_at = coalesce(taken_at, ${now}),
      state = ${isRecorded ? becomes : send.state}, settled_as = ${settledAs},
      reason = ${told.word === "undelivered" ? told.reason : isRecorded ? null : sql`reason`},
      updated_at = ${isRecorded && (word || isSettled) ? now : sql`updated_at`}
    where id = ${send.id}`;
  if (word) await auditSends(sql, [send], word, now);
  else if (isSettled) await auditSends(sql, [send], "found sent", now);
  return word !== null || isSettled;
}
