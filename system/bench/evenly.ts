import { setTimeout as sleep } from "node:timers/promises";

/** Starts an action so many times a second, whatever each takes, and collects the results. */
export async function evenly<T>(rate: number, count: number, action: (n: number) => Promise<T>): Promise<T[]> {
  const started = performance.now();
  const results: Promise<T>[] = [];
  for (let n = 0; n < count; n++) {
    const early = started + n * 1000 / rate - performance.now();
    if (early > 0) await sleep(early);
    results.push(action(n));
  }
  return await Promise.all(results);
}
