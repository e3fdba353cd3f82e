import process from "node:process";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** When the process started, in the system's own words: tells a process from a later one with the same id. */
export function processIdentity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const state = fields[0];
    return state === "Z" ? undefined : fields[19];
  } catch {
    return identityFromPs(pid);
  }
}

function identityFromPs(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: "pipe",
    }).trim();
  } catch {
    return undefined;
  }
}
