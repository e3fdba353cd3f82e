import type { KnownStatement, View } from "./database.ts";

const line = (text: string) => text.replaceAll(/\s+/g, " ").trim();

/** An inbox row, by job and event key. */
export interface InboxRow {
  job: string;
  eventKey: string;
  outcome: "applied" | "ignored";
}

/** One row for each time that a job's effect was committed. */
export interface OutcomeRow {
  job: string;
  action: string;
  eventKey: string;
}

const visitColumns = ["doctorId", "startsAt", "endsAt", "overbooked", "placeVersion", "placeAt", "status"] as const;
const allVisitColumns = [...visitColumns, "statusVersion", "statusAt"] as const;
export type VisitRow = Record<(typeof allVisitColumns)[number], unknown>;
const noVisit = { ...Object.fromEntries(allVisitColumns.map((name) => [name, null])), overbooked: false } as VisitRow;

interface Starts {
  starts: number;
  lastStart: string;
}

const inboxKey = ([job, eventKey]: readonly unknown[]) => `inbox:${job}:${eventKey}`;
const holderKey = ([job, aggregateId, version]: readonly unknown[]) => `holder:${job}:${aggregateId}:${version}`;
const conflictsOf = (view: View, job: unknown, aggregateId: unknown) =>
  view.committed<number>(`conflict:${job}:${aggregateId}:`);
const startsKey = ([job, hash]: readonly unknown[]) => `starts:${job}:${hash}`;

/** Inbox, outcomes, crash guard and two jobs' stores, as consumer/src asks for them. */
export const deliveryStatements: KnownStatement<unknown>[] = [
  {
    text: line(`insert into inbox (job, event_key, event_name, aggregate_id, aggregate_version, told_at, outcome)
        select ?, ?, ?, ?, ?::integer, ?, 'applied'
        where ? or not exists (
          select from version_conflicts
          where job = ? and aggregate_id = ? and aggregate_version <= ?::integer
        ) on conflict do nothing`),
    lock: inboxKey,
    run(view, args) {
      const [job, eventKey, , aggregateId, version, , evenInConflict] = args;
      const key = inboxKey(args);
      const ofVersion = version === null ? undefined : holderKey([job, aggregateId, version]);
      if (view.get(key) || (ofVersion && view.get(ofVersion))) return { rows: [], count: 0 };
      const isHeld = ofVersion && conflictsOf(view, job, aggregateId).some((one) => one <= Number(version));
      if (isHeld && !evenInConflict) return { rows: [], count: 0 };
      view.set(key, { job, eventKey, outcome: "applied" });
      if (ofVersion) view.set(ofVersion, eventKey);
      return { rows: [], count: 1 };
    },
  },
  {
    text: "select from inbox where job = ? and event_key = ?",
    run: (view, args) => ({ rows: view.get(inboxKey(args)) ? [{}] : [] }),
  },
  {
    // Nobody accepts anything here.
    text: line(`select from version_conflicts
        where job = ? and event_key = ? and accepted_at is not null for update`),
    run: () => ({ rows: [] }),
  },
  {
    text: line(`select event_key as "eventKey" from inbox
        where job = ? and aggregate_id = ? and aggregate_version = ?`),
    run(view, args) {
      const eventKey = view.get(holderKey(args));
      return { rows: eventKey ? [{ eventKey }] : [] };
    },
  },
  {
    text: line(`select bool_and(accepted_at is not null) as accepted from version_conflicts
        where job = ? and aggregate_id = ? and aggregate_version < ?`),
    run(view, [job, aggregateId, version]) {
      const earlier = conflictsOf(view, job, aggregateId).some((one) => one < Number(version));
      return { rows: [{ accepted: earlier ? false : null }] };
    },
  },
  {
    text: line(`insert into version_conflicts (job, aggregate_id, aggregate_version, event_key) values (?, ?, ?, ?)
        on conflict (job, event_key) do update set accepted_at = null`),
    run(view, [job, aggregateId, version, eventKey]) {
      view.set(`conflict:${job}:${aggregateId}:${eventKey}`, Number(version));
      return { rows: [], count: 1 };
    },
  },
  {
    text: "update inbox set outcome = 'ignored' where job = ? and event_key = ?",
    lock: inboxKey,
    run(view, args) {
      const row = view.get<InboxRow>(inboxKey(args));
      if (row) view.set(inboxKey(args), { ...row, outcome: "ignored" });
      return { rows: [], count: row ? 1 : 0 };
    },
  },
  {
    text: line(`with outcome as (
          insert into audit_outcomes
            (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail)
          values ( ?, ?, ?, ?, ?, ?, ?, ?, ? ) returning id
        ) insert into audit_unsealed (outcome_id) select id from outcome`),
    run(view, [, job, action, eventKey]) {
      view.set(`outcome:${view.serial()}`, { job, action, eventKey });
      return { rows: [], count: 1 };
    },
  },
  {
    text: line(`insert into availability_visits as visit (appointment_id) values (?)
        on conflict (appointment_id) do update set appointment_id = visit.appointment_id
        returning doctor_id as "doctorId", starts_at as "startsAt", ends_at as "endsAt", overbooked,
          place_version as "placeVersion", place_at as "placeAt",
          status, status_version as "statusVersion", status_at as "statusAt"`),
    lock: ([id]) => `visit:${id}`,
    run(view, [id]) {
      const row = view.get<VisitRow>(`visit:${id}`) ?? noVisit;
      view.set(`visit:${id}`, row);
      return { rows: [row] };
    },
  },
  {
    text: line(`update availability_visits set
          doctor_id = ?, starts_at = ?, ends_at = ?, overbooked = ?, place_version = ?, place_at = ?, status = ?,
          status_version = ?, status_at = ? where appointment_id = ?`),
    lock: (args) => `visit:${args[9]}`,
    run(view, args) {
      const key = `visit:${args[9]}`;
      if (!view.get(key)) return { rows: [], count: 0 };
      view.set(key, Object.fromEntries(allVisitColumns.map((name, index) => [name, args[index]])));
      return { rows: [], count: 1 };
    },
  },
  {
    text: line(`insert into analytics_bookings (appointment_id, doctor_id, booked_at, starts_at)
        values (?, ?, ?, ?) on conflict (appointment_id) do nothing returning appointment_id`),
    lock: ([id]) => `booking:${id}`,
    run(view, [id, , , startsAt]) {
      if (view.get(`booking:${id}`)) return { rows: [] };
      view.set(`booking:${id}`, { id, startsAt });
      return { rows: [{ appointment_id: id }] };
    },
  },
  {
    text: line(`insert into unfinished_starts (job, body_hash, starts, last_start) values (?, ?, 1, ?)
        on conflict (job, body_hash) do update set
          starts = unfinished_starts.starts + (unfinished_starts.last_start is distinct from excluded.last_start)::integer,
          last_start = excluded.last_start, last_started_at = now()
        returning starts`),
    lock: startsKey,
    run(view, args) {
      const lastStart = String(args[2]);
      const known = view.get<Starts>(startsKey(args));
      const starts = known ? known.starts + Number(known.lastStart !== lastStart) : 1;
      view.set(startsKey(args), { starts, lastStart });
      return { rows: [{ starts }] };
    },
  },
  {
    text: "delete from unfinished_starts where job = ? and body_hash = ?",
    lock: startsKey,
    run(view, args) {
      const known = view.get(startsKey(args));
      view.set(startsKey(args), undefined);
      return { rows: [], count: known ? 1 : 0 };
    },
  },
];
