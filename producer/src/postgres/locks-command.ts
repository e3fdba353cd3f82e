import { parseArgs } from "node:util";
import type { Sql } from "./database.ts";
import { endLockHolder, type LockHolder, lookForLockHolders } from "./lock-holders.ts";

export const locksUsage = `Usage: producer locks list [--json]
       producer locks end PID [--json]

The sessions of the producer's database that have kept others waiting for a lock, for five seconds and more.

list  all of them
end   ends one of them; what it has not committed is lost, and what waits for it goes on. Fails where PID keeps nobody waiting

  --json  list: one JSON object: holders (pid, user, application, state, forSeconds, waiting, statement); end: pid, ended`;

type LocksCommand = { readonly pid?: number; readonly json: boolean };

/** What was asked for; throws a TypeError where the command was called in another way. */
export function readLocksCommand(args: string[]): LocksCommand {
  const { values: { json }, positionals: [action, pid, ...rest] } = parseArgs({
    args,
    options: { json: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  if (action === "list" && pid === undefined) return { json };
  if (action !== "end" || pid === undefined || rest.length > 0) {
    throw new TypeError("producer locks needs list, or end PID");
  }
  if (!/^[1-9]\d{0,9}$/.test(pid)) throw new TypeError(`${pid} is no process id`);
  return { pid: Number(pid), json };
}

const columns = ["PID", "USER", "APPLICATION", "STATE", "FOR", "WAITING", "STATEMENT"];

function asRow({ pid, user, application, state, forSeconds, waiting, statement }: LockHolder): string[] {
  const time = forSeconds === null ? "-" : `${Math.round(forSeconds)} s`;
  return [String(pid), user, application || "-", state ?? "-", time, String(waiting), statement];
}

/** Returns what is to be printed. */
export async function runLocksCommand(sql: Sql, { pid, json }: LocksCommand): Promise<string> {
  if (pid !== undefined) {
    if (!await endLockHolder(sql, pid)) throw new Error(`The session ${pid} keeps nobody waiting, or has not ended`);
    return json ? JSON.stringify({ pid, ended: true }) : `The session ${pid} has been ended.`;
  }
  const holders = await lookForLockHolders(sql);
  if (json) return JSON.stringify({ holders });
  if (holders.length === 0) return "No session keeps another one waiting.";
  const rows = [columns, ...holders.map(asRow)];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).join("\n");
}
