import type { Sql } from "postgres";
import type { DeadLetterFact, DelayFact, HandledFact, OutcomeFact } from "./facts.ts";

/** More than any appointment has; what one person has in hand is not a list without an end. */
const maxRows = 2_000;

/** What the jobs have done with its events, from the audit trail, which forgets nothing. */
export async function readOutcomes(sql: Sql, aggregateId: string): Promise<OutcomeFact[]> {
  return await sql<OutcomeFact[]>`
    select outcome.id, occurred_at as "occurredAt", job, action, event_key as "eventKey", event_name as "eventName",
      correlation_id as "correlationId", actor, detail, chain.position, encode(chain.hash, 'hex') as hash
    from audit_outcomes as outcome left join audit_chain as chain on chain.outcome_id = outcome.id
    where aggregate_id = ${aggregateId}
    order by outcome.id limit ${maxRows}`;
}

export async function readHandled(sql: Sql, aggregateId: string, jobs: readonly string[]): Promise<HandledFact[]> {
  return await sql<HandledFact[]>`
    select job, event_key as "eventKey", event_name as "eventName", outcome, processed_at as "processedAt",
      told_at as "toldAt", aggregate_version as version
    from inbox where job = any(${[...jobs]}) and aggregate_id = ${aggregateId}
    order by processed_at limit ${maxRows}`;
}

export async function readDelays(sql: Sql, aggregateId: string): Promise<DelayFact[]> {
  return await sql<DelayFact[]>`
    select job, event_key as "eventKey", event_name as "eventName", kind, retries, waits, first_at as "firstAt",
      last_at as "lastAt", next_at as "nextAt", reason
    from delivery_delays where aggregate_id = ${aggregateId} order by first_at limit ${maxRows}`;
}

export async function readDeadLetters(sql: Sql, aggregateId: string): Promise<DeadLetterFact[]> {
  return await sql<DeadLetterFact[]>`
    select id, job, reason, event_key as "eventKey", event_name as "eventName", correlation_id as "correlationId",
      case when jsonb_typeof(headers -> 'x-attempts') = 'number' then (headers ->> 'x-attempts')::numeric::integer end
        as attempts,
      left(headers ->> 'x-error-message', 500) as error, left(headers ->> 'traceparent', 100) as traceparent,
      state, stored_at as "storedAt", settled_at as "settledAt"
    from dead_letters where aggregate_id = ${aggregateId} order by id limit ${maxRows}`;
}
