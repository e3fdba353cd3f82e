import type { Sql } from "postgres";
import * as v from "valibot";
import { type JobName, jobs } from "../../src/generated/jobs.ts";
import type { Job, JobOutcome } from "../../src/jobs/job.ts";
import { decide } from "./decide.ts";

/** An event as the producer may send it, before a job's schema has read it. */
export interface RawEvent {
  eventName: string;
  eventId?: string;
  [field: string]: unknown;
}

/** Lets the job handle the event as the runner would: read by its schema, in a transaction of its own. */
export async function handleEvent<Event, Known, Change>(
  sql: Sql,
  job: Job<Event, Known, Change>,
  event: RawEvent,
): Promise<JobOutcome> {
  const schemas = jobs[job.name as JobName].events as Record<string, v.GenericSchema>;
  const schema = schemas[event.eventName];
  if (!schema) throw new Error(`The job ${job.name} does not receive ${event.eventName}`);
  const read = v.parse(schema, event) as Event;
  const context = {
    eventKey: event.eventId ?? JSON.stringify(event),
    now: new Date("2026-03-01T00:00:00Z"),
  };
  return await sql.begin((transaction) => decide(transaction, job, read, context)) as JobOutcome;
}
