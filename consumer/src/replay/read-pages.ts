import * as v from "valibot";
import { type OpsOptions, refusalOf, requestProducer } from "./request-producer.ts";

const timeoutMs = 15_000;

/** Reads a list of the producer's operations interface in its order, page by page. */
export async function* readPages<Item>(
  { limit = 200, ...producer }: OpsOptions,
  list: "archive" | "outbox",
  item: v.GenericSchema<unknown, Item>,
  filter: Record<string, string | undefined> = {},
): AsyncGenerator<Item> {
  const page = v.object({ items: v.array(item), next: v.optional(v.string()) });
  let cursor: string | undefined;
  do {
    const query = { ...filter, limit: String(limit), cursor };
    const answer = await requestProducer(producer, { path: `ops/${list}`, query, timeoutMs });
    if (!answer.ok) throw new Error(`GET ${answer.address} answered ${refusalOf(answer)}`);
    const { items, next } = v.parse(page, JSON.parse(answer.text));
    yield* items;
    cursor = next;
  } while (cursor !== undefined);
}
