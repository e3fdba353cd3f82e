import * as v from "valibot";

const eventSchema = v.object({
  eventId: v.string(),
  eventName: v.string(),
  aggregateId: v.string(),
  body: v.string(),
  headers: v.record(v.string(), v.union([v.string(), v.number()])),
  publishedAt: v.pipe(v.string(), v.transform((text) => new Date(text))),
});

const pageSchema = v.object({ items: v.array(eventSchema), next: v.optional(v.string()) });

/** An event as the producer's relay published it. */
export type ArchivedEvent = v.InferOutput<typeof eventSchema>;

export interface ArchiveFilter {
  from?: Date | undefined;
  to?: Date | undefined;
  type?: string | undefined;
  aggregateId?: string | undefined;
}

export interface ArchiveOptions {
  url: string;
  /** A key with the producer's scope `ops`. */
  key: string;
  /** Events in a page. */
  limit?: number;
}

const timeoutMs = 15_000;

/** Reads the producer's archive in the order of publication, page by page. */
export async function* readArchive(
  { url, key, limit = 200 }: ArchiveOptions,
  { from, to, type, aggregateId }: ArchiveFilter,
): AsyncGenerator<ArchivedEvent> {
  const question = { from: from?.toISOString(), to: to?.toISOString(), type, aggregateId, limit: String(limit) };
  let cursor: string | undefined;
  do {
    const address = new URL("ops/archive", url.endsWith("/") ? url : `${url}/`);
    for (const [name, value] of Object.entries({ ...question, cursor })) {
      if (value !== undefined) address.searchParams.set(name, value);
    }
    const response = await fetch(address, { headers: { "x-api-key": key }, signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`GET ${address} answered ${response.status}: ${await response.text()}`);
    const page = v.parse(pageSchema, await response.json());
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
