import type { Sql } from "postgres";
import { readPages } from "../replay/read-pages.ts";
import { type OpsOptions, requestProducer } from "../replay/request-producer.ts";
import { eventKeyOf } from "../delivery/event-key.ts";
import * as v from "valibot";

const maxSubjects = 50;
const timeoutMs = 15_000;

/**
 * The appointments or doctors that an id speaks of: their own, or that of an event of theirs, or of the request that
 * changed them. The first kind that fits decides.
 */
export async function findSubjects(sql: Sql, id: string, producer: OpsOptions | undefined): Promise<string[]> {
  const key = eventKeyOf(id);
  for (const column of ["aggregate_id", "event_key", "correlation_id"] as const) {
    const rows = await sql<{ id: string }[]>`
      select distinct id from (
        (select aggregate_id as id from audit_outcomes where ${sql(column)} = ${key} limit 1000)
        union all
        (select aggregate_id as id from dead_letters where ${sql(column)} = ${key} limit 1000)
      ) as found where id is not null order by id limit ${maxSubjects}`;
    if (rows.length > 0) return rows.map((row) => row.id);
  }
  if (await isKnownToProducer(producer, key)) return [key];
  return await findByReference(producer, id);
}

/** No event tells the caller's reference; the producer answers where its key may read appointments, too. */
async function findByReference(producer: OpsOptions | undefined, reference: string): Promise<string[]> {
  if (!producer) return [];
  try {
    const answer = await requestProducer(producer, { path: "v1/appointments", query: { reference }, timeoutMs });
    const page = v.safeParse(v.object({ items: v.array(v.object({ id: v.string() })) }), JSON.parse(answer.text));
    return answer.ok && page.success ? page.output.items.map((item) => item.id) : [];
  } catch {
    return [];
  }
}

/** Published by nobody yet, or heard by no job yet. */
async function isKnownToProducer(producer: OpsOptions | undefined, aggregateId: string): Promise<boolean> {
  if (!producer || !/^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/.test(aggregateId)) return false;
  for (const list of ["outbox", "archive"] as const) {
    try {
      const first = await readPages({ ...producer, limit: 1 }, list, v.unknown(), { aggregateId }).next();
      if (!first.done) return true;
    } catch {
      // Unknown is what it then is.
      return false;
    }
  }
  return false;
}

/** The appointments of a patient, by an address that only whoever may see personal data asks for. */
export async function findByEmail(sql: Sql, email: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select appointment_id as id from notification_visits where lower(patient_email) = lower(${email})
    order by starts_at desc limit ${maxSubjects}`;
  return rows.map((row) => row.id);
}
