import { readFileSync } from "node:fs";
import { Agent, fetch as fetchByUndici } from "undici";

/** `fetch`, for servers whose certificate the authority of the file signed; Node's own takes no authority of one's own. */
export function fetchTrusting(caFile: string | undefined): typeof fetch {
  if (caFile === undefined) return fetch;
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile, "utf8") } });
  return ((address: string, options: object) =>
    fetchByUndici(address, { ...options, dispatcher })) as unknown as typeof fetch;
}
