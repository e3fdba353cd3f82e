import { createHash } from "node:crypto";
import type { Sql } from "postgres";
import { createDueTask } from "../../outgoing/due-task.ts";
import type { Worker } from "../../outgoing/worker.ts";
import { errorText } from "../../telemetry/error-text.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { MessageWriter } from "./message-writer.ts";
import type { Channel, SendContent } from "./send.ts";
import { auditedColumns, type AuditedSend, auditSends } from "./send-audit.ts";
import type { ListedMessage, SmsMessages } from "./sms/sms-messages.ts";

export interface UnknownSettlerDependencies {
  sql: Sql;
  writer: Pick<MessageWriter, "text">;
  messages: SmsMessages;
  now: () => Date;
  log: Logger;
  audited(): void;
}

interface Asked extends AuditedSend {
  channel: Channel;
  content: SendContent;
  /** When it became unknown. */
  updatedAt: Date;
}

/** After the hand-over, which may still be on its way to the gateway's list. */
const firstAfterMs = 60_000;
/** When a message that the list doesn't have was never taken: longer than any hand-over and lease. */
const absentAfterMs = 900_000;
/** After this a person has to ask. */
const givesUpAfterMs = 86_400_000;
/** How long before it became unknown it may have been handed over. */
const handedOverWithinMs = 900_000;
const atOnce = 20;

/**
 * Asks the gateway after text messages that are unknown: what its list has was sent, what it doesn't have after a while
 * was not, and has failed. Nothing is ever sent again by this.
 */
export function createUnknownSettler({ sql, writer, messages, now, log, audited }: UnknownSettlerDependencies): Worker {
  const before = (ms: number) => new Date(now().getTime() - ms);
  const isAskable = () =>
    sql`
    channel = 'sms' and state = 'unknown' and settled_as is null and not content_forgotten
    and updated_at > ${before(givesUpAfterMs)}`;
  const askAt = sql`coalesce(ask_at, updated_at + ${firstAfterMs} * interval '1 millisecond')`;

  /** No other process asks after these for a while. */
  async function take(): Promise<Asked[]> {
    return await sql<Asked[]>`
      update sends set ask_at = ${before(-firstAfterMs)}
      where id in (
        select id from sends where ${isAskable()} and ${askAt} <= ${now()} order by id limit ${atOnce}
        for update skip locked
      )
      returning ${auditedColumns(sql)}, content, updated_at as "updatedAt"`;
  }

  /** Those of which another send says that they are its own; a message belongs to one. */
  async function referencesOf({ id, recipient }: Asked): Promise<Set<string>> {
    const rows = await sql<{ reference: string }[]>`
      select reference from sends
      where channel = 'sms' and recipient = ${recipient} and reference is not null and id <> ${id}`;
    return new Set(rows.map(({ reference }) => reference));
  }

  async function end(send: Asked, found: ListedMessage | undefined): Promise<boolean> {
    const at = now();
    const { body, sid } = found ?? {};
    const change = found
      ? sql`state = 'sent', settled_as = 'sent', reason = null, reference = ${sid!},
          content_hash = ${createHash("sha256").update(body!).digest("hex")}`
      : sql`state = 'failed', reason = 'the gateway has no such message'`;
    return await sql.begin(async (transaction) => {
      const { count } = await transaction`
        update sends set ${change}, claim = null, updated_at = ${at}
        where id = ${send.id} and state = 'unknown' and settled_as is null`;
      if (count === 0) return false;
      await auditSends(transaction, [send], found ? "found sent" : "found not sent", at);
      return true;
    });
  }

  async function settle(send: Asked): Promise<void> {
    const text = writer.text(send);
    const listed = await messages.sentTo(send.recipient, new Date(send.updatedAt.getTime() - handedOverWithinMs));
    const others = await referencesOf(send);
    // A trial account writes something before it.
    const found = listed.find(({ sid, body }) => body.endsWith(text) && !others.has(sid));
    if (!found && send.updatedAt > before(absentAfterMs)) return;
    if (!await end(send, found)) return;
    log.info({ send: send.id, aggregateId: send.appointmentId, found: found !== undefined }, "unknown send settled");
    audited();
  }

  return createDueTask({
    name: "notifications-unknown",
    log,
    dueIn: (sql) =>
      sql`select extract(epoch from min(${askAt}) - ${now()}::timestamptz) from sends where ${isAskable()}`,
    async attempt() {
      const sends = await take();
      for (const send of sends) {
        // One that can't be asked after now is asked after again.
        await settle(send).catch((error) => {
          log.warn({ send: send.id, error: errorText(error) }, "asking the gateway after a send failed");
        });
      }
      return sends.length === atOnce ? "more" : "done";
    },
  });
}
