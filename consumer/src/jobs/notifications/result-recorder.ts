import type { Sql } from "postgres";
import { createGroupCommit } from "../../outgoing/group-commit.ts";
import { appendAudits } from "../audit/audit-log.ts";
import { auditOfSend } from "./send-audit.ts";
import { optOut } from "./sms/opt-outs.ts";
import type { ClaimedSend, SendResult } from "./send-ledger.ts";

/** Twilio's 21610: the number has sent STOP to the gateway itself. */
function tellsOfOptOut({ channel }: ClaimedSend, result: SendResult): boolean {
  return channel === "sms" && result.state === "failed" && result.reason.startsWith("gateway error 21610 ");
}

interface Recorded {
  send: ClaimedSend;
  result: SendResult;
}

/**
 * Writes what came of sends, those that end together in one transaction. A send that is put off goes back to `pending`,
 * unless nobody waits for it any more: it would hold up what is to be said instead.
 */
export function createResultRecorder({ sql, now }: { sql: Sql; now: () => Date }) {
  const record = createGroupCommit<Recorded, undefined>(async (recorded) => {
    const at = now();
    const rows = recorded.map(({ send: { id, claim, attempts }, result }) => ({
      id,
      claim,
      attempts,
      ...result,
      ...(result.state === "sent" && { reason: null }),
      ...(result.state === "pending" && { dueAt: new Date(at.getTime() + result.delayMs).toISOString() }),
    }));
    await sql.begin(async (transaction) => {
      const marked = await transaction<{ id: string; state: string }[]>`
        update sends set
          state = case
            when one.state = 'pending' and expires_at <= ${at} then 'dropped'
            -- The other side's receipt was faster than its answer.
            when one.state in ('sent', 'unknown') and receipt = 'undelivered' then 'failed'
            when one.state in ('sent', 'unknown') and taken_at is not null then 'sent'
            else one.state end,
          claim = null, lease_until = null, updated_at = ${at}, attempts = one.attempts,
          due_at = coalesce(one."dueAt", due_at), reference = coalesce(one.reference, sends.reference), content_hash = one."contentHash",
          -- The other side's words may hold what was erased while the send was on its way.
          reason = case
            when content_forgotten then null
            when one.state in ('sent', 'unknown') and receipt = 'undelivered' then sends.reason
            when one.state in ('sent', 'unknown') and taken_at is not null then null
            else one.reason end
        from jsonb_to_recordset(${transaction.json(rows)}) as one (
          id bigint, claim uuid, state text, attempts integer, "dueAt" timestamptz, reason text, reference text,
          "contentHash" text)
        where sends.id = one.id and sends.claim = one.claim and sends.state in ('sending', 'unknown')
        returning sends.id, sends.state`;
      for (const { send, result } of recorded) {
        if (tellsOfOptOut(send, result)) await optOut(transaction, send.recipient, at);
      }
      const states = new Map(marked.map(({ id, state }) => [id, state]));
      await appendAudits(
        transaction,
        recorded.flatMap(({ send, result }) => {
          // What was handed over is told even of a send that somebody else has settled by now.
          const action = result.state === "pending" ? states.get(send.id) : result.state;
          return action && action !== "pending" ? [auditOfSend(send, action, at)] : [];
        }),
      );
    });
    return recorded.map(() => undefined);
  });

  return async (send: ClaimedSend, result: SendResult): Promise<void> => await record({ send, result });
}
