import type { TransactionSql } from "postgres";
import { erasedAmong } from "../../delivery/erased-appointments.ts";
import { isUuid } from "../../formats.ts";
import { eventNames } from "../../generated/events.ts";
import type { CalendarEvent } from "../../generated/jobs.ts";
import { compareRow } from "../compare-row.ts";
import type { Told } from "../job.ts";
import type { Finding, Reconciliation } from "../reconciliation.ts";
import { createCalendarJob } from "./calendar.ts";
import { isSameEntry } from "./calendar-entry.ts";
import { addIntents, changeIntents, type KeptIntent, loadIntents } from "./intent-rows.ts";
import type { CalendarVisit } from "./visit.ts";
import { addVisits, loadVisits, updateVisits } from "./visit-rows.ts";

const { decide } = createCalendarJob();

type Wanted = ReadonlyMap<string, KeptIntent>;

/** The visit and its intents after what was told; that its patient was erased is told by another aggregate's event. */
function stateAfter(appointmentId: string, told: readonly Told<CalendarEvent>[], erased: boolean) {
  let visit: CalendarVisit | undefined;
  const wanted = new Map<string, KeptIntent>();
  for (const { event, context } of told) {
    if (event.eventName === eventNames.patientErased) continue;
    const contents = new Map([...wanted].map(([doctorId, { content }]) => [doctorId, content]));
    const before = visit ?? (erased ? { place: undefined, cancelled: false, erased } : undefined);
    const { change = [] } = decide(event, { find: () => ({ visit: before, contents }) }, context);
    for (const { visit: next, entries } of change) {
      visit = next ?? visit;
      for (const { doctorId, content } of [...entries?.added ?? [], ...entries?.changed ?? []]) {
        const { eventKey, correlationId } = entries!;
        // Whether the calendar has to be asked is found out by the sender, which then has nothing to do.
        wanted.set(doctorId, { appointmentId, doctorId, content, revisions: 1, eventKey, correlationId });
      }
    }
  }
  return { visit, wanted };
}

/** An entry that means the same is the same, whichever release wrote it. */
function isWanted(content: string | null, kept: string | null): boolean {
  return content === kept || (content !== null && kept !== null && isSameEntry(content, kept));
}

function compareIntents(aggregateId: string, wanted: Wanted, kept: ReadonlyMap<string, string | null>): Finding[] {
  const expected = [...wanted.values()].flatMap((intent): Finding[] => {
    const found = { aggregateId, what: `intent for ${intent.doctorId}`, how: "wanted as told; the sender sees to it" };
    const content = kept.get(intent.doctorId);
    if (content === undefined) return [{ ...found, kind: "missing", mend: (sql) => addIntent(sql, intent) }];
    if (isWanted(intent.content, content)) return [];
    return [{ ...found, kind: "different", fields: ["content"], mend: (sql) => changeIntents(sql, [intent]) }];
  });
  const unwanted = [...kept].filter(([doctorId, content]) => !wanted.has(doctorId) && content !== null);
  return [
    ...expected,
    ...unwanted.map(([doctorId]): Finding => ({
      aggregateId,
      kind: "extra",
      what: `intent for ${doctorId}`,
      how: "wanted no more; the sender removes the entry",
      mend: (sql) => dropIntent(sql, aggregateId, doctorId),
    })),
  ];
}

/** The calendar may have the entry: the sender is to look before it writes. */
async function addIntent(sql: TransactionSql, intent: KeptIntent): Promise<void> {
  await addIntents(sql, [intent]);
  await sql`
    update calendar_intents set sent = content
    where appointment_id = ${intent.appointmentId} and doctor_id = ${intent.doctorId}`;
}

async function dropIntent(sql: TransactionSql, appointmentId: string, doctorId: string): Promise<void> {
  const one = sql`appointment_id = ${appointmentId} and doctor_id = ${doctorId}`;
  const { count } = await sql`delete from calendar_intents where ${one} and written is null and sent is null`;
  if (count > 0) return;
  await sql`
    update calendar_intents set content = null, state = 'pending', revision = revision + 1, attempts = 0,
      next_attempt_at = now(), wanted_at = now() where ${one}`;
}

/** A visit that no event tells of stays, cancelled, for as long as a calendar may have an entry of it. */
async function dropVisit(sql: TransactionSql, appointmentId: string): Promise<void> {
  await sql`update calendar_visits set cancelled = true where appointment_id = ${appointmentId}`;
  const intents = await loadIntents(sql, [appointmentId]);
  for (const { doctorId } of intents) await dropIntent(sql, appointmentId, doctorId);
  await sql`
    delete from calendar_visits as visit where appointment_id = ${appointmentId}
      and not exists (select from calendar_intents where appointment_id = visit.appointment_id)`;
}

/** Visits and intents against the archive. */
export const calendarRows: Pick<Reconciliation, "compare" | "kept"> = {
  async compare(sql, histories) {
    const ids = histories.map(({ aggregateId }) => aggregateId).filter(isUuid);
    const visits = new Map(await loadVisits(sql, ids));
    const intents = await loadIntents(sql, ids);
    const erased = await erasedAmong(sql, ids);
    const findings = histories.flatMap(({ aggregateId, told }) => {
      const kept = visits.get(aggregateId);
      const contents = new Map(
        intents.filter((intent) => intent.appointmentId === aggregateId)
          .map(({ doctorId, content }) => [doctorId, content]),
      );
      const expected = stateAfter(aggregateId, told as Told<CalendarEvent>[], kept?.erased ?? erased.has(aggregateId));
      const isLeftOver = !expected.visit && kept?.cancelled === true && [...contents.values()].every((one) => !one);
      if (isLeftOver) return [];
      const visit = compareRow({ aggregateId, what: "visit" }, kept, expected.visit, {
        add: (sql, visit) => addVisits(sql, [[aggregateId, visit]]),
        update: (sql, visit) => updateVisits(sql, [[aggregateId, visit]]),
        remove: (sql) => dropVisit(sql, aggregateId),
      });
      // In this order: an intent refers to its visit. What becomes of the intents of one that goes is said with it.
      return visit.some(({ kind }) => kind === "extra")
        ? visit
        : [...visit, ...compareIntents(aggregateId, expected.wanted, contents)];
    });
    return { findings, left: [] };
  },
  async kept(sql, from, to) {
    const rows = await sql<{ id: string }[]>`
      select appointment_id as id from calendar_visits where place_at >= ${from} and place_at < ${to}`;
    return rows.map(({ id }) => id);
  },
};
