import * as v from "valibot";
import { readPages } from "./read-pages.ts";
import type { OpsOptions } from "./request-producer.ts";

const eventSchema = v.object({
  eventId: v.string(),
  eventName: v.string(),
  aggregateId: v.string(),
  body: v.string(),
  headers: v.record(v.string(), v.union([v.string(), v.number()])),
  publishedAt: v.pipe(v.string(), v.transform((text) => new Date(text))),
});

/** An event as the producer's relay published it. */
export type ArchivedEvent = v.InferOutput<typeof eventSchema>;

export interface ArchiveFilter {
  from?: Date | undefined;
  to?: Date | undefined;
  type?: string | undefined;
  aggregateId?: string | undefined;
}

/** Reads the producer's archive in the order of publication. */
export function readArchive(
  options: OpsOptions,
  { from, to, ...others }: ArchiveFilter,
): AsyncGenerator<ArchivedEvent> {
  return readPages(options, "archive", eventSchema, { from: from?.toISOString(), to: to?.toISOString(), ...others });
}
