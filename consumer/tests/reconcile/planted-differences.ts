import { randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import type { JobName } from "../../src/generated/jobs.ts";
import { behindTheTrigger } from "../support/behind-the-trigger.ts";
import { doctorId, doctorUpdated, historyOf, type Told } from "../support/restored-history.ts";
import type { CalendarServer } from "../jobs/calendar/calendar-server.ts";

/** What a planted difference is to be reported as. */
export interface Planted {
  job: JobName;
  kind: "missing" | "extra" | "different";
  /** How `what` begins. */
  what: string;
  aggregateId: string;
}

export interface Ground {
  sql: Sql;
  calendars: CalendarServer;
  /** The producer publishes, and every job handles it, but this one. */
  tell(events: Told[], except?: JobName): Promise<void>;
  /** Until the calendars have what is wanted. */
  settle(): Promise<void>;
}

/** Of a kind: what is told before, and what is done to it then. */
export interface PlantedKind {
  name: string;
  job: JobName;
  /** Answers whose it is; told to every job that handles it. */
  begin(ground: Ground): Promise<string>;
  plant(ground: Ground, aggregateId: string): Promise<Omit<Planted, "job" | "aggregateId">[]>;
}

const paths = (id: string) => `${doctorId}/${id}.ics`;

async function booked({ tell }: Ground): Promise<string> {
  const visit = historyOf();
  await tell([visit.created()]);
  return visit.aggregateId;
}

async function moved({ tell }: Ground): Promise<string> {
  const visit = historyOf();
  await tell([visit.created(), visit.moved(14)]);
  return visit.aggregateId;
}

async function aDoctor({ tell }: Ground): Promise<string> {
  const aggregateId = `dr-${randomUUID()}`;
  await tell([{ ...doctorUpdated(1, "2026-04-01T09:00:00Z"), aggregateId }]);
  return aggregateId;
}

/** Nobody tells of it. */
const untold = () => Promise.resolve(randomUUID() as string);

/** The last event of a visit that one job does not get. */
function missedEvent(job: JobName, last: (visit: ReturnType<typeof historyOf>) => Told): PlantedKind {
  const visits = new Map<string, ReturnType<typeof historyOf>>();
  return {
    name: `${job}: an event that was missed`,
    job,
    async begin({ tell }) {
      const visit = historyOf();
      if (job !== "analytics") await tell([visit.created()]);
      visits.set(visit.aggregateId, visit);
      return visit.aggregateId;
    },
    async plant({ tell }, id) {
      const event = last(visits.get(id)!);
      await tell([event], job);
      return [{ kind: "missing", what: `event ${event.eventName}` }];
    },
  };
}

function changed(
  job: JobName,
  what: string,
  kind: Planted["kind"],
  begin: PlantedKind["begin"],
  plant: (sql: Sql, id: string) => Promise<unknown>,
): PlantedKind {
  return {
    name: `${job}: ${what} ${kind}`,
    job,
    begin,
    async plant({ sql }, id) {
      await plant(sql, id);
      return [{ kind, what }];
    },
  };
}

const place = { doctor_id: doctorId, starts_at: "2030-05-06T12:00:00Z" };
const at = "2026-04-01T10:30:00Z";

export const plantedKinds: readonly PlantedKind[] = [
  missedEvent("notifications", (visit) => visit.contact()),
  missedEvent("availability", (visit) => visit.moved(15)),
  missedEvent("audit", (visit) => visit.arrived()),
  missedEvent("calendar", (visit) => visit.moved(16)),
  missedEvent("analytics", (visit) => visit.created()),

  changed(
    "analytics",
    "booking",
    "missing",
    booked,
    (sql, id) => sql`delete from analytics_bookings where appointment_id = ${id}`,
  ),
  changed(
    "analytics",
    "booking",
    "different",
    booked,
    (sql, id) =>
      sql`update analytics_bookings set starts_at = starts_at + interval '1 hour' where appointment_id = ${id}`,
  ),
  changed(
    "analytics",
    "booking",
    "extra",
    untold,
    (sql, id) => sql`insert into analytics_bookings ${sql({ appointment_id: id, ...place, booked_at: at })}`,
  ),

  changed(
    "availability",
    "visit",
    "missing",
    moved,
    (sql, id) => sql`delete from availability_visits where appointment_id = ${id}`,
  ),
  changed(
    "availability",
    "visit",
    "different",
    moved,
    (sql, id) =>
      sql`update availability_visits set status = 'cancelled', ends_at = ends_at + interval '1 minute'
      where appointment_id = ${id}`,
  ),
  changed(
    "availability",
    "visit",
    "extra",
    untold,
    (sql, id) =>
      sql`insert into availability_visits ${
        sql({
          appointment_id: id,
          ...place,
          ends_at: "2030-05-06T12:30:00Z",
          place_at: at,
          status: "booked",
          status_at: at,
        })
      }`,
  ),
  changed(
    "availability",
    "doctor",
    "missing",
    aDoctor,
    (sql, id) => sql`delete from availability_doctors where doctor_id = ${id}`,
  ),
  changed(
    "availability",
    "doctor",
    "different",
    aDoctor,
    (sql, id) => sql`update availability_doctors set time_zone = 'Asia/Tokyo' where doctor_id = ${id}`,
  ),
  changed(
    "availability",
    "doctor",
    "extra",
    untold,
    (sql, id) =>
      sql`insert into availability_doctors (doctor_id, time_zone, working_hours, exceptions, updated_at)
      values (${id}, 'Europe/Berlin', '[]', '[]', ${at})`,
  ),

  changed("audit", "record of", "missing", booked, (sql, id) =>
    behindTheTrigger(
      sql,
      `
      create temporary table lost on commit drop as
        select id from audit_outcomes where aggregate_id = '${id}' and action = 'recorded';
      delete from audit_chain where outcome_id in (select id from lost);
      delete from audit_unsealed where outcome_id in (select id from lost);
      delete from audit_outcomes where id in (select id from lost)`,
    )),

  {
    name: "calendar: a visit with its intent",
    job: "calendar",
    begin: moved,
    async plant({ sql }, id) {
      await sql`delete from calendar_visits where appointment_id = ${id}`;
      return [{ kind: "missing", what: "visit" }, { kind: "missing", what: "intent" }];
    },
  },
  changed(
    "calendar",
    "visit",
    "different",
    moved,
    (sql, id) => sql`update calendar_visits set starts_at = starts_at + interval '1 hour' where appointment_id = ${id}`,
  ),
  changed(
    "calendar",
    "visit",
    "extra",
    untold,
    (sql, id) =>
      sql`insert into calendar_visits ${
        sql({ appointment_id: id, ...place, ends_at: "2030-05-06T12:30:00Z", place_at: at })
      }`,
  ),
  changed(
    "calendar",
    "intent",
    "missing",
    booked,
    (sql, id) => sql`delete from calendar_intents where appointment_id = ${id}`,
  ),
  changed(
    "calendar",
    "intent",
    "different",
    booked,
    (sql, id) =>
      sql`update calendar_intents set content = replace(content, 'T100000Z', 'T170000Z') where appointment_id = ${id}`,
  ),
  changed(
    "calendar",
    "intent",
    "extra",
    booked,
    (sql, id) =>
      sql`insert into calendar_intents (appointment_id, doctor_id, content, state)
      select appointment_id, 'dr-nobody', content, 'done' from calendar_intents where appointment_id = ${id}`,
  ),
  {
    name: "calendar: an entry that the server lost",
    job: "calendar",
    begin: moved,
    plant({ calendars }, id) {
      calendars.resources.delete(paths(id));
      return Promise.resolve([{ kind: "missing", what: "entry" }]);
    },
  },
  {
    name: "calendar: an entry that the server has otherwise",
    job: "calendar",
    begin: moved,
    plant({ calendars }, id) {
      const content = calendars.resources.get(paths(id))!;
      calendars.resources.set(paths(id), content.replaceAll("T140000Z", "T180000Z"));
      return Promise.resolve([{ kind: "different", what: "entry" }]);
    },
  },
  {
    name: "calendar: an entry of a visit that was cancelled",
    job: "calendar",
    async begin({ tell, calendars, settle }) {
      const visit = historyOf();
      await tell([visit.created()]);
      await settle();
      const content = calendars.resources.get(paths(visit.aggregateId))!;
      await tell([visit.cancelled()]);
      entries.set(visit.aggregateId, content);
      return visit.aggregateId;
    },
    plant({ calendars }, id) {
      calendars.resources.set(paths(id), entries.get(id)!);
      return Promise.resolve([{ kind: "extra", what: "entry" }]);
    },
  },

  {
    name: "notifications: a visit with its reminders",
    job: "notifications",
    begin: moved,
    async plant({ sql }, id) {
      await sql`delete from notification_reminders where appointment_id = ${id}`;
      await sql`delete from notification_visits where appointment_id = ${id}`;
      return [
        { kind: "missing", what: "visit" },
        { kind: "missing", what: "reminder 1440" },
        { kind: "missing", what: "reminder 120" },
      ];
    },
  },
  changed(
    "notifications",
    "visit",
    "different",
    moved,
    (sql, id) =>
      sql`update notification_visits set patient_email = 'someone@else.example' where appointment_id = ${id}`,
  ),
  changed("notifications", "visit", "extra", untold, (sql, id) =>
    sql`insert into notification_visits ${
      sql({
        appointment_id: id,
        ...place,
        at,
        sequence: 0,
        status: "booked",
        duration_minutes: 30,
        time_zone: "Europe/Berlin",
        patient_email: "nobody@example.org",
      })
    }`),
  changed(
    "notifications",
    "doctor",
    "missing",
    aDoctor,
    (sql, id) => sql`delete from notification_doctors where doctor_id = ${id}`,
  ),
  changed(
    "notifications",
    "doctor",
    "different",
    aDoctor,
    (sql, id) => sql`update notification_doctors set email = 'other@clinic.example' where doctor_id = ${id}`,
  ),
  changed(
    "notifications",
    "doctor",
    "extra",
    untold,
    (sql, id) =>
      sql`insert into notification_doctors ${
        sql({ doctor_id: id, at, name: "N", email: "n@clinic.example", time_zone: "Europe/Berlin" })
      }`,
  ),
  changed(
    "notifications",
    "reminder 120",
    "missing",
    booked,
    (sql, id) => sql`delete from notification_reminders where appointment_id = ${id} and lead_minutes = 120`,
  ),
  changed(
    "notifications",
    "reminder 1440",
    "different",
    booked,
    (sql, id) =>
      sql`update notification_reminders set due_at = due_at + interval '1 hour'
      where appointment_id = ${id} and lead_minutes = 1440`,
  ),
  changed("notifications", "reminder 120", "extra", async ({ tell }) => {
    const visit = historyOf();
    await tell([visit.created(), visit.cancelled()]);
    return visit.aggregateId;
  }, (sql, id) =>
    sql`insert into notification_reminders (appointment_id, lead_minutes, due_at)
      values (${id}, 120, '2030-05-06T08:00:00Z')`),
  changed(
    "notifications",
    "send patient-booked",
    "missing",
    booked,
    (sql, id) => sql`delete from sends where appointment_id = ${id} and template = 'patient-booked'`,
  ),
  changed(
    "notifications",
    "send patient-booked",
    "extra",
    moved,
    (sql, id) =>
      sql`insert into sends (event_key, channel, recipient, template, appointment_id, content, due_at, created_at, updated_at)
      select ${randomUUID()}, channel, recipient, template, appointment_id, content, due_at, created_at, updated_at
      from sends where appointment_id = ${id} and template = 'patient-booked'`,
  ),
];

const entries = new Map<string, string>();
