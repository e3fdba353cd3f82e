import { parseArgs } from "node:util";
import { endLockHolder, type LockHolder, lookForLockHolders } from "../postgres/lock-holders.ts";
import { duration } from "../timeline/render-text.ts";
import { type Command, UsageError } from "./command.ts";
import { table } from "./table.ts";

const usage = `Usage: consumer locks list [--json]
       consumer locks end PID [--json]

The sessions of the consumer's database that have kept others waiting for a lock, for five seconds and more.

list  all of them
end   ends one of them; what it has not committed is lost, and what waits for it goes on

  --json  list: one JSON object: holders (pid, user, application, state, forSeconds, waiting, statement); end: pid, ended

Exit code 1 of end: PID keeps nobody waiting.`;

const columns = ["PID", "USER", "APPLICATION", "STATE", "FOR", "WAITING", "STATEMENT"];

function asRow({ pid, user, application, state, forSeconds, waiting, statement }: LockHolder): string[] {
  const time = forSeconds === null ? "-" : duration(forSeconds * 1_000);
  return [String(pid), user, application || "-", state ?? "-", time, String(waiting), statement];
}

/** `consumer locks`: who keeps the consumer's statements waiting. */
export const locksCommand: Command = {
  name: "locks",
  summary: "list the sessions that keep others waiting for a lock, or end one",
  usage,
  async run(args, { openDatabase, print, note }) {
    const { values, positionals: [action, pid, ...rest] } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    if (action === "list" && pid === undefined) {
      const holders = await lookForLockHolders(openDatabase());
      if (values.json) print(JSON.stringify({ holders }));
      else if (holders.length === 0) note("No session keeps another one waiting.");
      else for (const line of table(columns, holders.map(asRow))) print(line);
      return 0;
    }
    if (action !== "end" || pid === undefined || rest.length > 0) {
      throw new UsageError("consumer locks needs list, or end PID");
    }
    if (!/^[1-9]\d{0,9}$/.test(pid)) throw new UsageError(`${pid} is no process id`);
    const ended = await endLockHolder(openDatabase(), Number(pid));
    if (values.json) print(JSON.stringify({ pid: Number(pid), ended }));
    else if (ended) print(`The session ${pid} has been ended.`);
    else note(`The session ${pid} keeps nobody waiting, or has not ended.`);
    return ended ? 0 : 1;
  },
};
