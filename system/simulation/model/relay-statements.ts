import type { KnownStatement, View } from "./database.ts";

export interface OutboxEvent {
  id: string;
  eventId: string;
  eventName: string;
  correlationId: string;
  occurredAt: Date;
  body: string;
  headers: Record<string, string | number>;
  aggregateId: string;
  aggregateVersion: number;
  lastError: string | null;
  lastAttemptAt: number;
}

export interface Lease {
  term: string;
  beat: string;
  holder: string | null;
}

export interface RelayObserver {
  now(): number;
  /** The relay of a term moves events to the archive, or marks them as refused. */
  wrote(what: "archive" | "mark", term: string, lease: Lease, events: readonly OutboxEvent[]): void;
  /** Somebody leads from now on. */
  taken(former: Lease): void;
  beat(): void;
}

const leaseOf = (view: View) => view.get<Lease>("lease")!;
const line = (text: string) => text.replaceAll(/\s+/g, " ").trim();

const columns = `o.id, o.event_id AS "eventId", o.event_name AS "eventName", o.correlation_id AS "correlationId",
  o.occurred_at AS "occurredAt", o.body, o.headers`;
const first = line(`AND NOT EXISTS (
    SELECT FROM outbox e
    WHERE e.aggregate_type = o.aggregate_type AND e.aggregate_id = o.aggregate_id
      AND e.aggregate_version < o.aggregate_version
  )`);
const fence = "AND EXISTS (SELECT FROM lead)";
const lead = "WITH lead AS MATERIALIZED (SELECT FROM relay_lease WHERE term = ? FOR KEY SHARE),";
const leading = "SELECT EXISTS (SELECT FROM lead) AS leading";
const archived = `event_id, event_name, aggregate_type, aggregate_id, aggregate_version, correlation_id, occurred_at,
  body, headers, created_at, attempts`;

function publishable(view: View, failed: boolean, has: (clause: string) => boolean): OutboxEvent[] {
  const all = view.committed<OutboxEvent>("outbox:");
  const isFirst = (o: OutboxEvent) =>
    !all.some((e) => e.aggregateId === o.aggregateId && e.aggregateVersion < o.aggregateVersion);
  return all.filter((o) => (o.lastError !== null) === failed && (!has("first") || isFirst(o)));
}

const byId = (a: OutboxEvent, b: OutboxEvent) => Number(a.id) - Number(b.id);

/** The lease and the outbox, as producer/src/outbox asks for them. */
export const relayStatements: KnownStatement<RelayObserver>[] = [
  {
    text: line(`SELECT ${columns} FROM outbox o
        WHERE o.id > ? AND o.id <> ALL(?::bigint[])
          AND o.last_error IS NULL ${first} ORDER BY o.id LIMIT ?`),
    optional: { first },
    run: (view, [after, inFlight, limit], has) => ({
      rows: publishable(view, false, has)
        .filter(({ id }) => Number(id) > Number(after) && !(inFlight as string[]).includes(id))
        .sort(byId).slice(0, limit as number),
    }),
  },
  {
    text: line(`SELECT ${columns} FROM outbox o
        WHERE o.last_error IS NOT NULL ${first} ORDER BY o.last_attempt_at, o.id LIMIT ?`),
    optional: { first },
    run: (view, [limit], has) => ({
      rows: publishable(view, true, has)
        .sort((a, b) => a.lastAttemptAt - b.lastAttemptAt || byId(a, b)).slice(0, limit as number),
    }),
  },
  {
    text: line(`${lead} confirmed AS (
          DELETE FROM outbox WHERE id = ANY(?::bigint[]) ${fence} RETURNING * ),
        archived AS ( INSERT INTO outbox_archive ( ${archived} )
          SELECT ${archived} FROM confirmed ORDER BY id ) ${leading}`),
    optional: { fence },
    run(view, [term, ids], has, observer) {
      const lease = leaseOf(view);
      const leads = lease.term === String(term);
      if (!leads && has("fence")) return { rows: [{ leading: false }] };
      const moved = (ids as string[]).flatMap((id) => view.get<OutboxEvent>(`outbox:${id}`) ?? []).sort(byId);
      for (const event of moved) {
        view.set(`outbox:${event.id}`, undefined);
        view.set(`archive:${event.eventId}`, event);
      }
      observer.wrote("archive", String(term), lease, moved);
      return { rows: [{ leading: leads }] };
    },
  },
  {
    text: line(`${lead} failed AS (
          UPDATE outbox o SET attempts = attempts + 1, last_attempt_at = clock_timestamp(), last_error = f.error
          FROM unnest(?::bigint[], ?::text[]) AS f (id, error)
          WHERE o.id = f.id ${fence} ) ${leading}`),
    optional: { fence },
    run(view, [term, ids, errors], has, observer) {
      const lease = leaseOf(view);
      const leads = lease.term === String(term);
      if (!leads && has("fence")) return { rows: [{ leading: false }] };
      const marked = (ids as string[]).flatMap((id, index) => {
        const event = view.get<OutboxEvent>(`outbox:${id}`);
        return event ? [{ ...event, lastError: (errors as string[])[index]!, lastAttemptAt: observer.now() }] : [];
      });
      for (const event of marked) view.set(`outbox:${event.id}`, event);
      observer.wrote("mark", String(term), lease, marked);
      return { rows: [{ leading: leads }] };
    },
  },
  {
    text: "SELECT term, beat, holder FROM relay_lease",
    run: (view) => ({ rows: [leaseOf(view)] }),
  },
  {
    text: line(`UPDATE relay_lease SET beat = beat + 1 WHERE term = ?
        RETURNING EXISTS (SELECT FROM outbox) AS waiting`),
    run(view, [term], _has, observer) {
      const lease = leaseOf(view);
      if (lease.term !== String(term)) return { rows: [], count: 0 };
      const waiting = view.committed("outbox:").length > 0;
      view.set("lease", { ...lease, beat: String(Number(lease.beat) + 1) });
      observer.beat();
      return { rows: [{ waiting }], count: 1 };
    },
  },
  {
    text: "UPDATE relay_lease SET beat = beat + 1, holder = NULL WHERE term = ?",
    run(view, [term]) {
      const lease = leaseOf(view);
      if (lease.term !== String(term)) return { rows: [], count: 0 };
      view.set("lease", { ...lease, beat: String(Number(lease.beat) + 1), holder: null });
      return { rows: [], count: 1 };
    },
  },
  {
    text: line(`UPDATE relay_lease SET term = term + 1, beat = beat + 1, holder = ? WHERE beat = ?
        RETURNING term, beat, holder`),
    run(view, [holder, beat], _has, observer) {
      const lease = leaseOf(view);
      if (lease.beat !== String(beat)) return { rows: [], count: 0 };
      const next = { term: String(Number(lease.term) + 1), beat: String(Number(lease.beat) + 1), holder };
      observer.taken(lease);
      view.set("lease", next);
      return { rows: [next] };
    },
  },
];
