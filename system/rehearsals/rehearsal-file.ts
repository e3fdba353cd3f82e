import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { localFiles } from "../local-files.ts";
import { StackError } from "../stack/stack-error.ts";

const file = join(localFiles.data, "rehearsal.json");

/** Held by the process that holds an incident on. */
export const holderFile = join(localFiles.data, "rehearsal.pid");

/** The incident that is on; it stays on over a restart of the local system. */
export function currentRehearsal(): string | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { name: string }).name : undefined;
}

export function beginRehearsal(name: string): void {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, JSON.stringify({ name }), { flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    requireNoRehearsal("end it");
  }
}

export function endRehearsal(): void {
  rmSync(file, { force: true });
}

export function requireNoRehearsal(what: string): void {
  const name = currentRehearsal();
  if (name === undefined) return;
  throw new StackError(`${name} is being rehearsed: ${what} with npm run rehearse -- ${name} --undo`);
}
