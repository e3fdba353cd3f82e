import type { EventOrigin } from "../domain/ports.ts";
import type { SealedEvent } from "../domain/seal-event.ts";
import type { DomainEvent } from "../generated/events.ts";
import { withTimeout } from "../with-timeout.ts";
import type { Sql, Tx } from "../postgres/database.ts";

/** An event as it is published: `body` is the exact text. */
export type OutboxRow = {
  readonly id: string;
  readonly eventId: string;
  readonly eventName: DomainEvent["eventName"];
  readonly correlationId: string;
  readonly occurredAt: Date;
  readonly body: string;
  readonly headers: Record<string, string | number>;
};

export type FailedPublication = { readonly id: string; readonly error: string };

export async function appendToOutbox(
  tx: Tx,
  aggregateType: string,
  event: SealedEvent,
  origin: EventOrigin,
): Promise<void> {
  const headers = {
    traceparent: origin.traceparent,
    ...(origin.tracestate === undefined ? {} : { tracestate: origin.tracestate }),
    "x-event-version": event.version,
  };
  await tx`INSERT INTO outbox ${
    tx({
      event_id: event.eventId,
      event_name: event.eventName,
      aggregate_type: aggregateType,
      aggregate_id: event.aggregateId,
      aggregate_version: event.aggregateVersion,
      correlation_id: origin.correlationId,
      occurred_at: event.timestamp,
      body: JSON.stringify(event),
      headers: tx.json(headers),
    })
  }`;
}

/** Another relay leads by now: nothing was written. */
export class LeadLost extends Error {
  override name = "LeadLost";
}

export type RelayStore = ReturnType<typeof createRelayStore>;

/**
 * What the relay of one term reads and writes. An event may go out when no earlier one of its aggregate is unconfirmed;
 * this is where the order of each aggregate is kept.
 */
export function createRelayStore(sql: Sql, term: string) {
  // Statements are bounded by the server; what takes longer has lost its connection without a word.
  const answered = <T>(statement: PromiseLike<T>) => withTimeout(Promise.resolve(statement), 20_000, "The outbox");

  /** Nobody takes the lead before the statement has committed, so one relay at a time writes to the archive. */
  const lead = sql`lead AS MATERIALIZED (SELECT FROM relay_lease WHERE term = ${term} FOR KEY SHARE)`;
  async function whileLeading(write: PromiseLike<{ leading: boolean }[]>): Promise<void> {
    const [row] = await answered(write);
    if (!row?.leading) throw new LeadLost(`Term ${term} of the relay is over`);
  }

  const columns = sql`
    o.id, o.event_id AS "eventId", o.event_name AS "eventName", o.correlation_id AS "correlationId",
    o.occurred_at AS "occurredAt", o.body, o.headers`;
  const isFirstOfItsAggregate = sql`NOT EXISTS (
    SELECT FROM outbox e
    WHERE e.aggregate_type = o.aggregate_type AND e.aggregate_id = o.aggregate_id
      AND e.aggregate_version < o.aggregate_version
  )`;

  return {
    /** Events that were never refused and are not under way, oldest first. */
    async selectFresh(limit: number, after = "0", inFlight: readonly string[] = []): Promise<OutboxRow[]> {
      return await answered(sql<OutboxRow[]>`
        SELECT ${columns} FROM outbox o
        WHERE o.id > ${after} AND o.id <> ALL(${inFlight as string[]}::bigint[])
          AND o.last_error IS NULL AND ${isFirstOfItsAggregate} ORDER BY o.id LIMIT ${limit}`);
    },

    /** Events that were refused, the one that has waited longest first, so that none keeps the others from their turn. */
    async selectFailed(limit: number): Promise<OutboxRow[]> {
      return await answered(sql<OutboxRow[]>`
        SELECT ${columns} FROM outbox o
        WHERE o.last_error IS NOT NULL AND ${isFirstOfItsAggregate} ORDER BY o.last_attempt_at, o.id LIMIT ${limit}`);
    },

    /** Moves confirmed events to the archive. */
    async archive(ids: readonly string[]): Promise<void> {
      await whileLeading(sql`
        WITH ${lead},
        confirmed AS (
          DELETE FROM outbox WHERE id = ANY(${ids as string[]}::bigint[]) AND EXISTS (SELECT FROM lead) RETURNING *
        ),
        archived AS (
          INSERT INTO outbox_archive (
            event_id, event_name, aggregate_type, aggregate_id, aggregate_version, correlation_id, occurred_at, body, headers,
            created_at, attempts
          )
          SELECT
            event_id, event_name, aggregate_type, aggregate_id, aggregate_version, correlation_id, occurred_at, body, headers,
            created_at, attempts
          FROM confirmed ORDER BY id
        )
        SELECT EXISTS (SELECT FROM lead) AS leading`);
    },

    async markFailed(failures: readonly FailedPublication[]): Promise<void> {
      await whileLeading(sql`
        WITH ${lead},
        failed AS (
          UPDATE outbox o SET attempts = attempts + 1, last_attempt_at = clock_timestamp(), last_error = f.error
          FROM unnest(${failures.map((f) => f.id)}::bigint[], ${failures.map((f) => f.error)}::text[]) AS f (id, error)
          WHERE o.id = f.id AND EXISTS (SELECT FROM lead)
        )
        SELECT EXISTS (SELECT FROM lead) AS leading`);
    },
  };
}
