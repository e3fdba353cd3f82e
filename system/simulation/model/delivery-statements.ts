import type { KnownStatement, View } from "./database.ts";

const line = (text: string) => text.replaceAll(/\s+/g, " ").trim();

/** An inbox row, by job and event key. */
export interface InboxRow {
  job: string;
  eventKey: string;
  outcome: "applied" | "ignored";
  /** The row of the version that it holds. */
  ofVersion?: string | undefined;
}

/** One row for each time that a job's effect was committed. */
export interface OutcomeRow {
  job: string;
  action: string;
  eventKey: string;
}

const visitColumns = [
  "appointmentId",
  "doctorId",
  "startsAt",
  "endsAt",
  "overbooked",
  "placeVersion",
  "placeAt",
  "status",
  "statusVersion",
  "statusAt",
] as const;
export type VisitRow = Record<(typeof visitColumns)[number], unknown>;
const visitArrays = `?::uuid[], ?::text[], ?::text[]::timestamptz[], ?::text[]::timestamptz[], ?::text[]::boolean[],
  ?::integer[], ?::text[]::timestamptz[], ?::text[], ?::integer[], ?::text[]::timestamptz[]`;

const listOf = (value: unknown) => value as unknown[];
/** In the order of the values, each with its place in the list. */
const inOrderOf = (value: unknown) =>
  [...listOf(value).entries()].sort(([, a], [, b]) => String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
const sorted = (value: unknown) => inOrderOf(value).map(([, one]) => one);

/** What a column of that name holds, of what a statement's text array says. */
function stored(name: string, value: unknown): unknown {
  if (value === null) return null;
  if (name.endsWith("At")) return new Date(String(value));
  return name === "overbooked" ? value === "true" : value;
}

function visitsIn(args: readonly unknown[]): VisitRow[] {
  return inOrderOf(args[0]).map(([place]) =>
    Object.fromEntries(visitColumns.map((name, column) => [name, stored(name, listOf(args[column])[place])]))
  ) as VisitRow[];
}

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
    text: line(`insert into inbox
        (job, event_key, event_name, aggregate_id, aggregate_version, told_at, outcome, processed_at)
        select ?, event_key, event_name, aggregate_id, version, told_at, 'applied', ?
        from unnest( ?::text[], ?::text[], ?::text[], ?::integer[], ?::text[]::timestamptz[]
        ) with ordinality as told (event_key, event_name, aggregate_id, version, told_at, place)
        where ? or not exists (
          select from version_conflicts as conflict
          where conflict.job = ? and conflict.aggregate_id = told.aggregate_id
            and conflict.aggregate_version <= told.version
        ) order by event_key, place on conflict do nothing returning event_key as "eventKey"`),
    lock: ([job, , keys]) => sorted(keys).map((key) => inboxKey([job, key])),
    run(view, [job, , keys, , aggregateIds, versions, , evenInConflict]) {
      const rows: { eventKey: unknown }[] = [];
      for (const [place, eventKey] of inOrderOf(keys)) {
        const [aggregateId, version] = [listOf(aggregateIds)[place], listOf(versions)[place]];
        const key = inboxKey([job, eventKey]);
        const ofVersion = version === null ? undefined : holderKey([job, aggregateId, version]);
        if (view.get(key) || (ofVersion && view.get(ofVersion))) continue;
        const isHeld = ofVersion && conflictsOf(view, job, aggregateId).some((one) => one <= Number(version));
        if (isHeld && !evenInConflict) continue;
        view.set(key, { job, eventKey, outcome: "applied", ofVersion });
        if (ofVersion) view.set(ofVersion, eventKey);
        rows.push({ eventKey });
      }
      return { rows };
    },
  },
  {
    text: `select event_key as "eventKey" from inbox where job = ? and event_key = any(?::text[])`,
    run: (view, [job, keys]) => ({
      rows: listOf(keys).filter((key) => view.get(inboxKey([job, key]))).map((eventKey) => ({ eventKey })),
    }),
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
    text: "update inbox set outcome = 'ignored' where job = ? and event_key = any(?::text[])",
    lock: ([job, keys]) => sorted(keys).map((key) => inboxKey([job, key])),
    run(view, [job, keys]) {
      for (const eventKey of listOf(keys)) {
        const row = view.get<InboxRow>(inboxKey([job, eventKey]));
        if (row) view.set(inboxKey([job, eventKey]), { ...row, outcome: "ignored" });
      }
      return { rows: [] };
    },
  },
  {
    text: "delete from inbox where job = ? and event_key = any(?::text[])",
    lock: ([job, keys]) => sorted(keys).map((key) => inboxKey([job, key])),
    run(view, [job, keys]) {
      for (const eventKey of listOf(keys)) {
        const row = view.get<InboxRow>(inboxKey([job, eventKey]));
        if (row?.ofVersion) view.set(row.ofVersion, undefined);
        view.set(inboxKey([job, eventKey]), undefined);
      }
      return { rows: [] };
    },
  },
  {
    text: line(`with outcome as (
          insert into audit_outcomes
            (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail)
          select occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail::jsonb
          from unnest( ?::text[]::timestamptz[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
            ?::text[], ?::text[] ) with ordinality as entry
            (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail, place)
          order by place returning id
        ) insert into audit_unsealed (outcome_id) select id from outcome`),
    run(view, [, jobs, actions, eventKeys]) {
      for (const [place, job] of listOf(jobs).entries()) {
        const [action, eventKey] = [listOf(actions)[place], listOf(eventKeys)[place]];
        view.set(`outcome:${view.serial()}`, { job, action, eventKey });
      }
      return { rows: [] };
    },
  },
  {
    text: line(`select appointment_id as "appointmentId", doctor_id as "doctorId", starts_at as "startsAt",
          ends_at as "endsAt", overbooked, place_version as "placeVersion", place_at as "placeAt",
          status, status_version as "statusVersion", status_at as "statusAt"
        from availability_visits where appointment_id = any(?::uuid[]) order by appointment_id for update`),
    lock: ([ids], view) => sorted(ids).map((id) => `visit:${id}`).filter((key) => view.get(key)),
    run: (view, [ids]) => ({ rows: sorted(ids).flatMap((id) => view.get<VisitRow>(`visit:${id}`) ?? []) }),
  },
  {
    text: line(`insert into availability_visits (
          appointment_id, doctor_id, starts_at, ends_at, overbooked, place_version, place_at,
          status, status_version, status_at
        ) select * from unnest( ${visitArrays} ) as told (
          appointment_id, doctor_id, starts_at, ends_at, overbooked, place_version, place_at,
          status, status_version, status_at
        ) order by appointment_id on conflict (appointment_id) do nothing`),
    lock: ([ids]) => sorted(ids).map((id) => `visit:${id}`),
    run(view, args) {
      const isNew = visitsIn(args).filter(({ appointmentId }) => !view.get(`visit:${appointmentId}`));
      for (const row of isNew) view.set(`visit:${row.appointmentId}`, row);
      return { rows: [], count: isNew.length };
    },
  },
  {
    text: line(`update availability_visits as visit set
          doctor_id = told.doctor_id, starts_at = told.starts_at, ends_at = told.ends_at,
          overbooked = told.overbooked, place_version = told.place_version, place_at = told.place_at,
          status = told.status, status_version = told.status_version, status_at = told.status_at
        from unnest( ${visitArrays} ) as told (
          appointment_id, doctor_id, starts_at, ends_at, overbooked, place_version, place_at,
          status, status_version, status_at
        ) where visit.appointment_id = told.appointment_id`),
    lock: ([ids]) => sorted(ids).map((id) => `visit:${id}`),
    run(view, args) {
      const known = visitsIn(args).filter(({ appointmentId }) => view.get(`visit:${appointmentId}`));
      for (const row of known) view.set(`visit:${row.appointmentId}`, row);
      return { rows: [], count: known.length };
    },
  },
  {
    text: line(`select appointment_id as id from analytics_bookings where appointment_id = any(?::uuid[])
        order by id for update`),
    lock: ([ids], view) => sorted(ids).map((id) => `booking:${id}`).filter((key) => view.get(key)),
    run: (view, [ids]) => ({ rows: sorted(ids).filter((id) => view.get(`booking:${id}`)).map((id) => ({ id })) }),
  },
  {
    text: line(`insert into analytics_bookings (appointment_id, doctor_id, booked_at, starts_at)
        select * from unnest( ?::uuid[], ?::text[], ?::text[]::timestamptz[], ?::text[]::timestamptz[]
        ) as told (appointment_id, doctor_id, booked_at, starts_at) order by appointment_id
        on conflict (appointment_id) do nothing`),
    lock: ([ids]) => sorted(ids).map((id) => `booking:${id}`),
    run(view, [ids, , , startsAt]) {
      const isNew = inOrderOf(ids).filter(([, id]) => !view.get(`booking:${id}`));
      for (const [place, id] of isNew) view.set(`booking:${id}`, { id, startsAt: listOf(startsAt)[place] });
      return { rows: [], count: isNew.length };
    },
  },
  {
    // For people; nothing here reads it.
    text: line(`insert into delivery_delays as delay (
        job, event_key, aggregate_id, event_name, correlation_id, kind, retries, waits, first_at, last_at, next_at, reason
      ) values ( ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? )
      on conflict (job, event_key) do update set
        kind = excluded.kind, retries = delay.retries + excluded.retries, waits = delay.waits + excluded.waits,
        last_at = excluded.last_at, next_at = excluded.next_at, reason = excluded.reason`),
    run: () => ({ rows: [], count: 1 }),
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
