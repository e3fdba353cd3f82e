import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Replayed } from "../../src/release/replay.ts";
import type { Versions } from "./revisions.ts";

/** Where `npm run docs -- --replay` keeps what came of it, from the project's root. */
export const replaysFile = "contracts/site/replays.json";

export interface Replay {
  release: string;
  /** Its golden messages, published again to the consumer. */
  intoConsumer: Replayed;
  /** What the producer publishes, held against its schemas. */
  intoRelease: Replayed;
}

/** The golden messages of every release, replayed with the services of one revision. */
export interface Replays extends Versions {
  replays: Replay[];
}

export function readReplays(root: string): Replays | undefined {
  const file = join(root, replaysFile);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) as Replays : undefined;
}
