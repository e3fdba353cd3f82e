import type { TransactionSql } from "postgres";
import { isTellable, recordReceipt, type Told, toldColumns, type ToldSend } from "../record-receipt.ts";
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

/** Writes down what became of a text message. False where no such send had this message. */
export async function noteReceipt(sql: TransactionSql, receipt: Receipt, now: Date): Promise<boolean> {
  const { send, sid, errorCode } = receipt;
  const told = toldOf(receipt);
  if (!told) return false;
  const [row] = await sql<ToldSend[]>`
    select ${toldColumns(sql)} from sends
    where id = ${send} and channel = 'sms' and ${isTellable(sql)} and (reference is null or reference = ${sid})
    for update`;
  if (!row) return false;
  if (row.receipt !== null) return true;
  await sql`update sends set reference = ${sid} where id = ${send}`;
  await recordReceipt(sql, row, told, now);
  if (errorCode === unsubscribed) await optOut(sql, row.recipient, now);
  return true;
}

function toldOf({ status, errorCode }: Receipt): Told | undefined {
  if (arrived.has(status)) return { word: "delivered" };
  if (!lost.has(status)) return taken.has(status) ? { word: "taken" } : undefined;
  return { word: "undelivered", reason: `not delivered: gateway ${status}${errorCode ? ` ${errorCode}` : ""}` };
}
