import { Buffer } from "node:buffer";
import { eventKeyOf } from "../delivery/event-key.ts";
import { readEvent, type ReceivedEvent } from "../delivery/message.ts";
import type { OpenTogether } from "../delivery/open-together.ts";
import { type JobName, jobs } from "../generated/jobs.ts";
import { type ArchivedEvent, readArchive } from "../replay/archive-client.ts";
import type { OpsOptions } from "../replay/request-producer.ts";

/** All that the archive has of an appointment or doctor, in the order of publication. */
export interface ArchivedHistory {
  aggregateId: string;
  events: readonly ArchivedEvent[];
}

/** An event as a job reads it; undefined where it can't, and would dead-letter it. */
export interface ReadEvent {
  eventKey: string;
  eventName: string;
  publishedAt: Date;
  received: ReceivedEvent | undefined;
}

const concurrency = 8;

/** The whole histories of these, however old: what is kept follows from all of their events. */
export async function readHistories(archive: OpsOptions, ids: readonly string[]): Promise<ArchivedHistory[]> {
  const histories: ArchivedHistory[] = [];
  for (let from = 0; from < ids.length; from += concurrency) {
    const some = ids.slice(from, from + concurrency);
    histories.push(
      ...await Promise.all(some.map(async (aggregateId) => {
        const events: ArchivedEvent[] = [];
        for await (const event of readArchive(archive, { aggregateId })) events.push(event);
        return { aggregateId, events };
      })),
    );
  }
  return histories;
}

/** What is encrypted is opened, as it is before the job handles it. Throws where the database of the keys is away. */
export async function eventsOf(
  job: JobName,
  { events }: ArchivedHistory,
  openTogether: OpenTogether,
): Promise<ReadEvent[]> {
  const known = events.filter(({ eventName }) => Object.hasOwn(jobs[job].events, eventName));
  const received = known.map((event) => read(job, event));
  const opened = await openTogether(received.filter((one) => one !== undefined), (question) => question());
  return known.map(({ eventId, eventName, publishedAt }, place) => {
    const one = received[place] && opened.shift();
    return { eventKey: eventKeyOf(eventId), eventName, publishedAt, received: one instanceof Error ? undefined : one };
  });
}

function read(job: JobName, { body, eventId }: ArchivedEvent): ReceivedEvent | undefined {
  try {
    return readEvent(job, { content: Buffer.from(body), properties: { messageId: eventId } });
  } catch {
    return undefined;
  }
}
