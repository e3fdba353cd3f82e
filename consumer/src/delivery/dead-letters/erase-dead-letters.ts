import type { TransactionSql } from "postgres";
import { appendAudit } from "../../jobs/audit/audit-log.ts";
import { dropConflict } from "../version-conflicts.ts";

interface Erased {
  id: string;
  job: string;
  eventKey: string;
  aggregateId: string | null;
}

/** Why there is nothing of an erased patient's dead letter to be replayed. */
export const erasedWhy = "the patient was erased";

/**
 * Empties the dead letters of these appointments, and those that name no appointment and hold one of the addresses or
 * numbers. What nobody has settled is discarded: it told of a patient of whom nothing is to be told.
 */
export async function eraseDeadLetters(
  sql: TransactionSql,
  { ids, contacts, now }: { ids: readonly string[]; contacts: readonly string[]; now: Date },
): Promise<number> {
  const spelled = [...new Set(contacts.flatMap((text) => [text, text.toLowerCase()]))];
  const erased = await sql<Erased[]>`
    update dead_letters set
      body = '', properties = '{}', headers = '{}',
      settled_at = coalesce(settled_at, ${now}),
      settled_why = case when state = 'stored' then ${erasedWhy} else settled_why end,
      state = case when state = 'stored' then 'discarded' else state end
    where (
        lower(aggregate_id) = any(${ids.map((id) => id.toLowerCase())})
        or (aggregate_id is null and exists (
          select from unnest(${spelled}::text[]) as contact where position(convert_to(contact, 'UTF8') in body) > 0
        ))
      ) and body <> ''
    returning id, job, event_key as "eventKey", aggregate_id as "aggregateId"`;
  for (const { id, job, eventKey, aggregateId } of erased) {
    await dropConflict(sql, job, eventKey);
    const detail = { deadLetter: id };
    const named = { job, eventKey, aggregateId: aggregateId ?? undefined };
    await appendAudit(sql, { ...named, occurredAt: now, action: "erased", detail });
  }
  return erased.length;
}
