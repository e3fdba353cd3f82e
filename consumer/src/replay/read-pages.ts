import * as v from "valibot";

export interface OpsOptions {
  url: string;
  /** A key with the producer's scope `ops`. */
  key: string;
  /** Items in a page. */
  limit?: number;
}

const timeoutMs = 15_000;

/** Reads a list of the producer's operations interface in its order, page by page. */
export async function* readPages<Item>(
  { url, key, limit = 200 }: OpsOptions,
  list: "archive" | "outbox",
  item: v.GenericSchema<unknown, Item>,
  filter: Record<string, string | undefined> = {},
): AsyncGenerator<Item> {
  const page = v.object({ items: v.array(item), next: v.optional(v.string()) });
  let cursor: string | undefined;
  do {
    const address = new URL(`ops/${list}`, url.endsWith("/") ? url : `${url}/`);
    for (const [name, value] of Object.entries({ ...filter, limit: String(limit), cursor })) {
      if (value !== undefined) address.searchParams.set(name, value);
    }
    const request = { headers: { "x-api-key": key }, signal: AbortSignal.timeout(timeoutMs) };
    const response = await fetch(address, request).catch((error: Error & { cause?: Error }) => {
      // "fetch failed" alone says neither what nor why.
      throw new Error(`GET ${address} failed: ${error.cause?.message ?? error.message}`, { cause: error });
    });
    if (!response.ok) throw new Error(`GET ${address} answered ${response.status}: ${await response.text()}`);
    const { items, next } = v.parse(page, await response.json());
    yield* items;
    cursor = next;
  } while (cursor !== undefined);
}
