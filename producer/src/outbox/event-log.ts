import type { SqlOrTx } from "../postgres/database.ts";

/** An event that the broker has, as it was published. */
export type ArchivedEvent = {
  readonly position: number;
  readonly eventId: string;
  readonly eventName: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly body: string;
  readonly headers: Record<string, string | number>;
  readonly publishedAt: Date;
  /** Null for an event from before this was kept. */
  readonly committedAt: Date | null;
  readonly failedPublications: number | null;
};

/** An event that the broker is not known to have. */
export type PendingEvent =
  & Omit<
    ArchivedEvent,
    "body" | "headers" | "publishedAt" | "committedAt" | "failedPublications"
  >
  & {
    readonly createdAt: Date;
    readonly attempts: number;
    readonly lastAttemptAt: Date | null;
    readonly lastError: string | null;
  };

export type EventFilter = {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly type?: string | undefined;
  readonly aggregateId?: string | undefined;
};

export type EventQuery = { readonly filter: EventFilter; readonly after: string | undefined; readonly limit: number };

/** In the order of publication. One relay writes at a time, so positions and times grow together. */
export function selectArchive(sql: SqlOrTx, { filter, after = "0", limit }: EventQuery) {
  const { from, to, type, aggregateId } = filter;
  const firstSince = (time: Date) =>
    sql`(SELECT position FROM outbox_archive WHERE published_at >= ${time} ORDER BY published_at, position LIMIT 1)`;
  return sql<ArchivedEvent[]>`
    SELECT position::float8 AS position, event_id AS "eventId", event_name AS "eventName", aggregate_id AS "aggregateId",
      aggregate_version AS "aggregateVersion", body, headers, published_at AS "publishedAt",
      created_at AS "committedAt", attempts AS "failedPublications"
    FROM outbox_archive
    WHERE position > ${after}
      ${from === undefined ? sql`` : sql`AND position >= ${firstSince(from)}`}
      ${to === undefined ? sql`` : sql`AND position < coalesce(${firstSince(to)}, 9223372036854775807)`}
      ${type === undefined ? sql`` : sql`AND event_name = ${type}`}
      ${aggregateId === undefined ? sql`` : sql`AND aggregate_id = ${aggregateId}`}
    ORDER BY position LIMIT ${limit}`;
}

/** In the order of their making, those included that were refused. */
export async function selectPending(sql: SqlOrTx, { filter, after = "0", limit }: EventQuery): Promise<PendingEvent[]> {
  const { from, to, type, aggregateId } = filter;
  // The index begins with the type of the aggregate.
  const isAbout = (id: string) =>
    sql`AND aggregate_type IN ('appointment', 'doctor', 'patient', 'notification') AND aggregate_id = ${id}`;
  return await sql<PendingEvent[]>`
    SELECT id::float8 AS position, event_id AS "eventId", event_name AS "eventName", aggregate_id AS "aggregateId",
      aggregate_version AS "aggregateVersion", created_at AS "createdAt", attempts,
      last_attempt_at AS "lastAttemptAt", last_error AS "lastError"
    FROM outbox
    WHERE id > ${after}
      ${from === undefined ? sql`` : sql`AND created_at >= ${from}`}
      ${to === undefined ? sql`` : sql`AND created_at < ${to}`}
      ${type === undefined ? sql`` : sql`AND event_name = ${type}`}
      ${aggregateId === undefined ? sql`` : isAbout(aggregateId)}
    ORDER BY id LIMIT ${limit}`;
}

/** Deletes a batch of what is older than that; returns how many. */
export async function deleteArchivedBefore(sql: SqlOrTx, time: Date, batch: number): Promise<number> {
  const { count } = await sql`
    DELETE FROM outbox_archive WHERE position IN (
      SELECT position FROM outbox_archive WHERE published_at < ${time} ORDER BY published_at LIMIT ${batch}
    )`;
  return count;
}
