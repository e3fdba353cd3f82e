import type { TransactionSql } from "postgres";
import { auditedColumns, type AuditedSend, auditSends } from "../send-audit.ts";
import { optOut } from "./opt-outs.ts";

/** What the gateway tells of a message (Twilio's status callback). */
export interface Receipt {
  send: string;
  sid: string;
  status: string;
  /** Twilio's, of a message that did not arrive. */
  errorCode: string | undefined;
}

/** The number has sent STOP to the gateway, which sends it nothing more. */
const unsubscribed = "21610";
const arrived = new Set(["delivered", "read"]);
const lost = new Set(["undelivered", "failed", "canceled"]);
/** It has the message, and what becomes of it is still to come. */
const taken = new Set(["accepted", "scheduled", "queued", "sending", "sent"]);

/**
 * Writes down what became of a send. A receipt proves that the gateway took it, so one that was unknown is sent; the last
 * word is kept whatever comes after it. False where no such send had this message.
 */
export async function noteReceipt(sql: TransactionSql, receipt: Receipt, now: Date): Promise<boolean> {
  const { send, sid, status, errorCode } = receipt;
  const word = arrived.has(status) ? "delivered" : lost.has(status) ? "undelivered" : undefined;
  if (!word && !taken.has(status)) return false;
  const [row] = await sql<(AuditedSend & { state: string; receipt: string | null })[]>`
    select ${auditedColumns(sql)}, state, receipt from sends
    where id = ${send} and channel = 'sms' and state in ('sending', 'unknown', 'sent', 'failed')
      and (reference is null or reference = ${sid})
    for update`;
  if (!row) return false;
  if (row.receipt !== null) return true;
  // What is being handed over is recorded by its sender, which knows of the receipt by then.
  const isRecorded = row.state !== "sending";
  const becomes = word === "undelivered" ? "failed" : "sent";
  const reason = `not delivered: gateway ${status}${errorCode ? ` ${errorCode}` : ""}`;
  const isSettled = becomes === "sent" && (row.state === "unknown" || row.state === "failed");
  await sql`
    update sends set
      reference = ${sid},
      receipt = ${word ?? null}, receipt_at = ${word ? now : null},
      state = ${isRecorded ? becomes : row.state}, settled_as = ${isSettled ? "sent" : sql`settled_as`},
      reason = ${word === "undelivered" ? reason : isRecorded ? null : sql`reason`},
      updated_at = ${isRecorded && (word || isSettled) ? now : sql`updated_at`}
    where id = ${send}`;
  if (word) await auditSends(sql, [row], word, now);
  else if (isSettled) await auditSends(sql, [row], "found sent", now);
  if (errorCode === unsubscribed) await optOut(sql, row.recipient, now);
  return true;
}
