import type { Sql } from "postgres";
import { unknownKeys } from "../delivery/inbox.ts";
import { eventKeyOf } from "../delivery/event-key.ts";
import type { JobName } from "../generated/jobs.ts";
import type { ArchivedEvent } from "./archive-client.ts";

const batchSize = 500;

/** The events of which the job has neither an inbox row nor a dead letter. */
export async function* findMissing(
  sql: Sql,
  job: JobName,
  events: AsyncIterable<ArchivedEvent>,
): AsyncGenerator<ArchivedEvent> {
  let batch: ArchivedEvent[] = [];
  async function* missingOf(some: ArchivedEvent[]) {
    const unknown = await unknownKeys(sql, job, some.map(({ eventId }) => eventKeyOf(eventId)));
    for (const event of some) if (unknown.has(eventKeyOf(event.eventId))) yield event;
  }
  for await (const event of events) {
    batch.push(event);
    if (batch.length < batchSize) continue;
    yield* missingOf(batch);
    batch = [];
  }
  if (batch.length > 0) yield* missingOf(batch);
}
