import { median, rounded, type Table } from "./compare.ts";

export interface Target {
  url: string;
  apiKey: string;
  /** The path of each, by its name. */
  routes: Record<string, string>;
}

/** The median of each route, in ms. */
export async function askRoutes({ url, apiKey, routes }: Target, rounds: number): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [name, path] of Object.entries(routes)) {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const started = performance.now();
      const response = await fetch(url + path, { headers: { "x-api-key": apiKey } });
      const text = await response.text();
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${text}`);
      // The first one plans and reads from disk.
      if (round > 0) times.push(performance.now() - started);
    }
    found[name] = median(times);
  }
  return found;
}

/** Each with a lot kept, beside itself with nothing kept. */
export function besideEmpty(full: Record<string, number>, empty: Record<string, number>): Table {
  return Object.fromEntries(
    Object.entries(full).map(([name, ms]) => [name, {
      "ms with it": rounded(ms, 1),
      "ms without": rounded(empty[name]!, 1),
      ratio: rounded(ms / empty[name]!, 2),
    }]),
  );
}
