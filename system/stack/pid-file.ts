import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { processIdentity } from "./process-identity.ts";

/** Remembers a process on disk. False when another living process holds the file. */
export function claimPidFile(file: string, pid: number): boolean {
  mkdirSync(dirname(file), { recursive: true });
  const entry = JSON.stringify({ pid, identity: processIdentity(pid) });
  try {
    writeFileSync(file, entry, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (livingHolder(file) !== undefined) return false;
  writeFileSync(file, entry);
  return true;
}

/** The process that the file names, if that very process still lives. */
export function livingHolder(file: string): number | undefined {
  try {
    const { pid, identity } = JSON.parse(readFileSync(file, "utf8"));
    return identity !== undefined && processIdentity(pid) === identity ? pid : undefined;
  } catch {
    return undefined;
  }
}

export function removePidFile(file: string): void {
  rmSync(file, { force: true });
}
