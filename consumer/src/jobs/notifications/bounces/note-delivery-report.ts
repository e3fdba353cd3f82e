import type { TransactionSql } from "postgres";
import { referenceOf } from "../message-writer.ts";
import { isTellable, recordReceipt, type Told, toldColumns, type ToldSend } from "../record-receipt.ts";
import type { DeliveryReport, RecipientReport } from "./delivery-report.ts";
import { parseEnvelopeId } from "./envelope-id.ts";

/** What a notification told of a send. */
export interface NotedReport {
  send: string;
  appointmentId: string;
  word: Told["word"] | "delayed";
  /** False where it was known already, or tells nothing yet. */
  changed: boolean;
}

/**
 * Writes down what a notification tells; of nothing where it speaks of no send of ours, of a hand-over before the last one, or of
 * another recipient than the send's: anybody can write one.
 */
export async function noteDeliveryReport(
  sql: TransactionSql,
  report: DeliveryReport,
  now: Date,
): Promise<NotedReport[]> {
  const send = await findSend(sql, report);
  if (!send) return [];
  const noted: NotedReport[] = [];
  let current = send;
  for (const recipient of report.recipients) {
    if (!recipient.addresses.includes(send.recipient.toLowerCase())) continue;
    const { id, appointmentId } = send;
    const told = toldOf(recipient);
    if (!told) {
      noted.push({ send: id, appointmentId, word: "delayed", changed: false });
      continue;
    }
    const changed = await recordReceipt(sql, current, told, now);
    if (changed && told.word !== "taken") current = { ...current, receipt: told.word };
    noted.push({ send: id, appointmentId, word: told.word, changed });
  }
  return noted;
}

/** By the name of its hand-over; by the Message-ID where no server on the way has kept that. */
async function findSend(sql: TransactionSql, report: DeliveryReport): Promise<ToldSend | undefined> {
  const named = parseEnvelopeId(report.envelopeId ?? "");
  if (named) {
    const [send] = await sql<ToldSend[]>`
      select ${toldColumns(sql)} from sends
      where id = ${named.send} and envelope = ${named.envelope} and channel = 'email' and ${isTellable(sql)}
      for update`;
    return send;
  }
  const reference = /^[0-9a-f]{32}(?=@)/i.exec(report.messageId ?? "")?.[0]?.toLowerCase();
  if (!reference) return undefined;
  const addresses = [...new Set(report.recipients.flatMap((recipient) => recipient.addresses))];
  const theirs = await sql<ToldSend[]>`
    select ${toldColumns(sql)} from sends where channel = 'email' and lower(recipient) = any(${addresses}::text[])`;
  const known = theirs.find((send) => referenceOf(send) === reference);
  if (!known) return undefined;
  const [send] = await sql<ToldSend[]>`
    select ${toldColumns(sql)} from sends where id = ${known.id} and ${isTellable(sql)} for update`;
  return send;
}

/** Nothing of a delay. Of a failure only the code: what the server wrote beside it may quote the address. */
function toldOf({ action, status }: RecipientReport): Told | undefined {
  switch (action) {
    case "delivered":
      return { word: "delivered" };
    case "failed":
      return { word: "undelivered", reason: `not delivered: ${status ?? "no status code"}` };
    case "relayed":
    case "expanded":
      return { word: "taken" };
    case "delayed":
      return undefined;
  }
}
