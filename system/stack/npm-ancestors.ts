import process from "node:process";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { processIdentity } from "./process-identity.ts";

interface Ancestor {
  pid: number;
  identity: string;
}

const pollMs = 500;

/**
 * Calls back once when the npm that started this process, or the shell between, is gone. A killed npm leaves its script
 * running, so `npm start & kill $!` would otherwise leave the whole system behind. Started without npm, nothing is
 * watched: whoever detached it means it to stay.
 */
export function whenNpmIsGone(callback: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const ancestors = npmAncestors();
  if (ancestors.length === 0) return;
  const timer = setInterval(() => {
    if (ancestors.every(({ pid, identity }) => processIdentity(pid) === identity)) return;
    clearInterval(timer);
    callback();
  }, pollMs);
  timer.unref();
}

/** The processes from the parent up to npm. */
function npmAncestors(): Ancestor[] {
  const found: Ancestor[] = [];
  for (let pid = process.ppid; pid > 1 && found.length < 4; pid = parentOf(pid)) {
    const identity = processIdentity(pid);
    if (identity === undefined) return [];
    found.push({ pid, identity });
    if (/\bnpm\b/.test(commandOf(pid))) return found;
  }
  // Nobody on the way is npm: the parent alone is what would have been told to stop.
  return found.slice(0, 1);
}

function parentOf(pid: number): number {
  return Number(ps(pid, "ppid="));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ps(pid, "command=");
  }
}

function ps(pid: number, column: string): string {
  try {
    return execFileSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "";
  }
}
