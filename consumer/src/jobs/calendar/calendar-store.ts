import type { TransactionSql } from "postgres";
import type { CalendarVisit } from "./visit.ts";

export interface WantedEntries {
  appointmentId: string;
  /** The doctors that the event names; each has an intent from then on. */
  named: string[];
  /** The one calendar that should have an entry, and which; no calendar when undefined. */
  shown: { doctorId: string; content: string } | undefined;
  /** Of the event that wants it so. */
  eventKey: string;
  correlationId: string | undefined;
}

export interface CalendarStore {
  /** Holds the visit until the end of the transaction, known or not. */
  lockVisit(appointmentId: string): Promise<CalendarVisit>;
  saveVisit(appointmentId: string, visit: CalendarVisit): Promise<void>;
  /** Turns what should be shown into intents, as far as they differ from what was wanted before; answers how many. */
  want(entries: WantedEntries): Promise<number>;
}

interface VisitRow {
  doctorId: string | null;
  startsAt: Date | null;
  endsAt: Date | null;
  placeVersion: number | null;
  placeAt: Date | null;
  cancelled: boolean;
  erased: boolean;
}

export function createCalendarStore(sql: TransactionSql): CalendarStore {
  return {
    async lockVisit(appointmentId) {
      const [row] = await sql<[VisitRow]>`
        insert into calendar_visits as visit (appointment_id) values (${appointmentId})
        on conflict (appointment_id) do update set appointment_id = visit.appointment_id
        returning doctor_id as "doctorId", starts_at as "startsAt", ends_at as "endsAt",
          place_version as "placeVersion", place_at as "placeAt", cancelled, erased`;
      const { doctorId, startsAt, endsAt, placeVersion, placeAt, cancelled, erased } = row;
      if (doctorId === null || startsAt === null || endsAt === null || placeAt === null) {
        return { place: undefined, cancelled, erased };
      }
      const position = { version: placeVersion ?? undefined, at: placeAt };
      return { place: { doctorId, startsAt, endsAt, position }, cancelled, erased };
    },

    async saveVisit(appointmentId, { place, cancelled, erased }) {
      await sql`
        update calendar_visits set
          doctor_id = ${place?.doctorId ?? null}, starts_at = ${place?.startsAt ?? null},
          ends_at = ${place?.endsAt ?? null}, place_version = ${place?.position.version ?? null},
          place_at = ${place?.position.at ?? null}, cancelled = ${cancelled}, erased = ${erased}
        where appointment_id = ${appointmentId}`;
    },

    async want({ appointmentId, named, shown, eventKey, correlationId = null }) {
      const doctorIds = [...new Set(shown ? [...named, shown.doctorId] : named)];
      const { doctorId: place = null, content = null } = shown ?? {};
      const contents = doctorIds.map((doctorId) => doctorId === place ? content : null);
      const added = await sql<{ state: string }[]>`
        insert into calendar_intents (appointment_id, doctor_id, content, state, event_key, correlation_id)
        select ${appointmentId}, doctor_id, content, case when content is null then 'done' else 'pending' end,
          ${eventKey}, ${correlationId}
        from unnest(${doctorIds}::text[], ${contents}::text[]) as wanted (doctor_id, content)
        on conflict do nothing
        returning state`;
      const changed = await sql`
        update calendar_intents as intent set
          content = wanted.content, state = 'pending', revision = revision + 1, attempts = 0, next_attempt_at = now(),
          wanted_at = case when state = 'pending' then wanted_at else now() end,
          event_key = ${eventKey}, correlation_id = ${correlationId}
        from (
          select doctor_id, case when doctor_id = ${place} then ${content} end as content
          from calendar_intents where appointment_id = ${appointmentId}
        ) as wanted
        where intent.appointment_id = ${appointmentId} and intent.doctor_id = wanted.doctor_id
          and intent.content is distinct from wanted.content`;
      return added.filter(({ state }) => state === "pending").length + changed.count;
    },
  };
}
