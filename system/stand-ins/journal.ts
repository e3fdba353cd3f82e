import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

export interface Journal<T> {
  add(entry: T): void;
  /** Oldest first. */
  all(): readonly T[];
}

/** A list that outlives the process: one line of JSON for each entry. */
export function createJournal<T>(file: string): Journal<T> {
  mkdirSync(dirname(file), { recursive: true });
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter((line) => line !== "") : [];
  const entries: T[] = lines.map((line) => JSON.parse(line));
  return {
    add(entry) {
      appendFileSync(file, JSON.stringify(entry) + "\n");
      entries.push(entry);
    },
    all: () => entries,
  };
}
