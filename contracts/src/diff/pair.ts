import type { Job, SentEvent } from "../contract.ts";

/** What was and what is; one of them is missing where something came or went. */
export type Pair<T> = [was: T | undefined, is: T | undefined];

/** An event is known by what its messages say; where that changed, by the message's key, else by its name. */
export function pairEvents(before: SentEvent[], after: SentEvent[]): Pair<SentEvent>[] {
  return pair(before, after, [
    ({ eventName, version, routingKey }) => `${eventName} ${version} ${routingKey}`,
    eventKey,
    ({ id }) => id,
    ({ eventName }) => eventName,
  ]);
}

/** A job is known by its name, or else by its queue. */
export function pairJobs(before: Job[], after: Job[]): Pair<Job>[] {
  return pair(before, after, [({ name }) => name, ({ queue }) => String(queue.name)]);
}

/** What a message is to those who read it, whatever its key in a document. */
export function eventKey({ eventName, version }: { eventName: string; version: number }): string {
  return `${eventName} ${version}`;
}

function pair<T>(before: T[], after: T[], keys: ((one: T) => string)[]): Pair<T>[] {
  const [olds, news] = [new Set(before), new Set(after)];
  const found = new Map<T, T>();
  for (const key of keys) {
    for (const is of news) {
      const was = [...olds].find((one) => key(one) === key(is));
      if (was === undefined) continue;
      found.set(is, was);
      olds.delete(was);
      news.delete(is);
    }
  }
  return [...after.map((is): Pair<T> => [found.get(is), is]), ...[...olds].map((was): Pair<T> => [was, undefined])];
}
