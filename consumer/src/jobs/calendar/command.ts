import { parseArgs } from "node:util";
import { createCaldavClient } from "./caldav-client.ts";
import { isUuid } from "../../formats.ts";
import { findUnsettledResource, leaveEntry, listUnsettled, overwriteEntry } from "./calendar-conflicts.ts";
import { operator } from "../../cli/operator.ts";
import { table } from "../../cli/table.ts";
import { type Command, type CommandContext, UsageError } from "../../cli/command.ts";

const usage = `Usage: consumer calendar list [--json]
       consumer calendar overwrite APPOINTMENT DOCTOR [--json]
       consumer calendar leave APPOINTMENT DOCTOR [--json]

Entries of the doctors' calendars that were given up: someone else had changed them, or the server refused them.

list       all of them
overwrite  writes what the visit needs over what the calendar has at this moment
leave      accepts what the calendar has, until the visit moves again

  --json  list: one JSON object an entry and line; overwrite, leave: one JSON object: appointmentId, doctorId, action`;

/** `consumer calendar`: what a person decides where the calendar and the visits disagree. */
export const calendarCommand: Command = {
  name: "calendar",
  summary: "list and settle calendar entries that someone else changed",
  usage,
  async run(args, context) {
    const { values: { json }, positionals: [action, appointmentId, doctorId, ...rest] } = parse(args);
    if (rest.length > 0) throw new UsageError(`Too many arguments: ${rest.join(" ")}`);
    if (action === "list" && appointmentId === undefined) return await list(context, json);
    if (action !== "overwrite" && action !== "leave") {
      throw new UsageError("consumer calendar needs list, overwrite or leave");
    }
    if (appointmentId === undefined || doctorId === undefined) throw new UsageError(`${action} APPOINTMENT DOCTOR`);
    if (!isUuid(appointmentId)) throw new UsageError(`${appointmentId} is not the id of an appointment`);
    return await decide(context, action, appointmentId, doctorId, json);
  },
};

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { json: { type: "boolean", default: false } } });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

const columns = ["APPOINTMENT", "DOCTOR", "STATE", "WANTED", "REASON"];

async function list({ openDatabase, print, note }: CommandContext, json: boolean): Promise<number> {
  const entries = await listUnsettled(openDatabase());
  if (entries.length === 0) note("No calendar entry waits for a decision.");
  else if (json) { for (const entry of entries) print(JSON.stringify(entry)); }
  else {
    const rows = entries.map(({ appointmentId, doctorId, state, wanted, reason }) => [
      appointmentId,
      doctorId,
      state,
      wanted,
      reason ?? "",
    ]);
    for (const line of table(columns, rows)) print(line);
  }
  return 0;
}

async function decide(
  { config, openDatabase, print, note }: CommandContext,
  action: "overwrite" | "leave",
  appointmentId: string,
  doctorId: string,
  json: boolean,
): Promise<number> {
  const sql = openDatabase();
  const decision = { appointmentId, doctorId, actor: operator(), now: new Date() };
  let settled: boolean;
  if (action === "leave") settled = await leaveEntry(sql, decision);
  else if (!config.caldav) throw new Error("CALDAV_URL is not set");
  else {
    const resource = await findUnsettledResource(sql, decision);
    settled = resource !== undefined &&
      await overwriteEntry(sql, decision, await createCaldavClient(config.caldav).get(doctorId, resource));
  }

  if (!settled) {
    note(`No entry of ${appointmentId} waits for a decision in the calendar of ${doctorId}`);
    return 1;
  }
  const done = action === "leave" ? "is left as it is" : "will be written over";
  print(json ? JSON.stringify({ appointmentId, doctorId, action }) : `The entry of ${appointmentId} ${done}`);
  return 0;
}
