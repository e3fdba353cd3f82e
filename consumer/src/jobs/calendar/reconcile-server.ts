import type { Sql } from "postgres";
import { isUuid } from "../../formats.ts";
import type { Difference, OutsideCompared, OutsideFinding } from "../reconciliation.ts";
import { entryUid, isSameEntry, uidOf, visitOf } from "./calendar-entry.ts";
import type { CaldavClient, Entry } from "./caldav-client.ts";

interface Written {
  appointmentId: string;
  doctorId: string;
  resource: string;
  content: string | null;
  written: string | null;
  state: "done" | "conflict" | "failed";
  revision: number;
}

/** Entries that the calendars should be done with, of visits that are still to come. */
async function readWritten(sql: Sql, ids: readonly string[], now: Date): Promise<Written[]> {
  return await sql<Written[]>`
    select appointment_id as "appointmentId", intent.doctor_id as "doctorId",
      coalesce(resource, appointment_id::text) as resource, content, written, intent.state, revision
    from calendar_intents as intent join calendar_visits as visit using (appointment_id)
    where appointment_id = any(${ids.filter(isUuid)}::uuid[]) and intent.state in ('done', 'conflict', 'failed')
      and intent.claim is null and visit.ends_at > ${now}
    order by appointment_id, intent.doctor_id`;
}

/** Has the sender write over what the server has, or remove it, unless anything has changed meanwhile. */
function handOver({ appointmentId, doctorId, revision }: Written, found: Entry | undefined): OutsideFinding["mend"] {
  return async (sql) => {
    const { count } = await sql`
      update calendar_intents set state = 'pending', written = ${found?.content ?? null}, etag = ${found?.etag ?? null},
        sent = null, attempts = 0, last_error = null, next_attempt_at = now(), wanted_at = now()
      where appointment_id = ${appointmentId} and doctor_id = ${doctorId} and revision = ${revision}
        and state = 'done' and claim is null`;
    return count > 0;
  };
}

function findingOf(intent: Written, found: Entry | undefined): OutsideFinding | undefined {
  const { appointmentId: aggregateId, doctorId, content } = intent;
  const what = `entry in the calendar of ${doctorId}`;
  const mend = handOver(intent, found);
  if (content === null) {
    // An invitation that the doctor's program keeps under this name is theirs.
    if (!found || uidOf(found.content) !== entryUid(aggregateId)) return undefined;
    return { aggregateId, kind: "extra", what, how: "the sender removes it", mend };
  }
  if (!found) return { aggregateId, kind: "missing", what, how: "the sender writes it", mend };
  if (isSameEntry(found.content, content)) return undefined;
  return { aggregateId, kind: "different", fields: ["content"], what, how: "the sender writes over it", mend };
}

/** What the server really has of these visits, one request an entry. What a person decided about is left. */
export async function compareEntries(
  client: Pick<CaldavClient, "get">,
  sql: Sql,
  ids: readonly string[],
  now: Date,
): Promise<OutsideCompared> {
  const compared: OutsideCompared = { findings: [], left: [] };
  for (const intent of await readWritten(sql, ids, now)) {
    const isLeft = intent.state !== "done" || intent.written !== intent.content;
    if (isLeft) {
      const why = intent.state === "done" ? "a person left the calendar as it is" : "waits in consumer calendar list";
      compared.left.push({ aggregateId: intent.appointmentId, why });
      continue;
    }
    const finding = findingOf(intent, await client.get(intent.doctorId, intent.resource));
    if (finding) compared.findings.push(finding);
  }
  return compared;
}

/** Entries of visits to come that are ours by their UID, and that no row here is about: as a restored database leaves them. */
export async function findStrangers(
  client: Pick<CaldavClient, "get" | "list">,
  sql: Sql,
  now: Date,
): Promise<Difference[]> {
  const strangers: Difference[] = [];
  const calendars = await sql<{ doctorId: string; known: string[] }[]>`
    select doctor_id as "doctorId", array_agg(coalesce(resource, appointment_id::text)) as known
    from calendar_intents group by doctor_id order by doctor_id`;
  for (const { doctorId, known } of calendars) {
    const isKnown = new Set(known);
    for (const name of await client.list(doctorId)) {
      const entry = isKnown.has(name) ? undefined : await client.get(doctorId, name);
      const visit = entry && visitOf(entry.content);
      if (!visit || visit.endsAt <= now) continue;
      strangers.push({ aggregateId: visit.appointmentId, kind: "extra", what: `entry in the calendar of ${doctorId}` });
    }
  }
  return strangers;
}
