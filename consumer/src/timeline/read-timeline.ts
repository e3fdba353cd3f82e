import type { Sql } from "postgres";
import type { OpsOptions } from "../replay/request-producer.ts";
import { jobs } from "../generated/jobs.ts";
import { buildTimeline, type TimelineOptions } from "./build-timeline.ts";
import { readEntries, readReminders, readSends } from "./effect-facts.ts";
import { readDeadLetters, readDelays, readHandled, readOutcomes } from "./event-facts.ts";
import { readProducer } from "./producer-facts.ts";
import type { Timeline } from "./timeline.ts";

export interface TimelineSources extends Omit<TimelineOptions, "now"> {
  sql: Sql;
  producer: OpsOptions | undefined;
  /** The address that mails are sent from: a Message-ID ends with its domain. */
  mailFrom: string;
  now: () => Date;
}

/** Undefined where neither the tables nor the producer know of it. */
export async function readTimeline(
  { sql, producer, mailFrom, now, ...options }: TimelineSources,
  aggregateId: string,
  { personal }: { personal: boolean },
): Promise<Timeline | undefined> {
  const [told, outcomes, handled, delays, deadLetters, sends, entries, reminders] = await Promise.all([
    readProducer(producer, aggregateId),
    readOutcomes(sql, aggregateId),
    readHandled(sql, aggregateId, Object.keys(jobs)),
    readDelays(sql, aggregateId),
    readDeadLetters(sql, aggregateId),
    readSends(sql, aggregateId, { from: mailFrom, personal }),
    readEntries(sql, aggregateId),
    readReminders(sql, aggregateId),
  ]);
  const facts = { aggregateId, producer: told, outcomes, handled, delays, deadLetters, sends, entries, reminders };
  const timeline = buildTimeline(facts, { ...options, now: now() });
  return timeline.events.length + timeline.later.length > 0 ? timeline : undefined;
}
