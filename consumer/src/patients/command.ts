import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Command, type CommandContext, UsageError } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { eventNames } from "../generated/events.ts";
import { isEmail, isUuid } from "../formats.ts";
import { exportFromBoth } from "./export-from-both.ts";
import { isPhone, type Patient } from "./patient.ts";

const usage = `Usage: consumer patients export --email ADDRESS [--json]
       consumer patients export --phone NUMBER [--json]
       consumer patients erasure ERASURE [--json]

export   prints all that both services keep of a patient as one JSON object: producer (by PRODUCER_OPS_URL, with a key that
         has the scope export; null without it) and consumer
erasure  prints what each job cleared for an erasure, which is asked for at the producer; exit code 1 while there is nothing

  --email  the address of the patient
  --phone  the number, in E.164's form
  --json   export: in one line; erasure: one JSON object a row and line: occurredAt, job, action, eventKey, detail`;

const options = {
  email: { type: "string" },
  phone: { type: "string" },
  json: { type: "boolean", default: false },
} as const satisfies ParseArgsConfig["options"];

/** `consumer patients`: what is kept of a patient, and what became of an erasure. */
export const patientsCommand: Command = {
  name: "patients",
  summary: "export what is kept of a patient, or show what an erasure cleared",
  usage,
  async run(args, context) {
    const { values, positionals: [action, id, ...rest] } = parse(args);
    if (rest.length > 0) throw new UsageError("Too many arguments");
    if (action === "export" && id === undefined) {
      await exportAll(patientOf(values), values.json, context);
      return 0;
    }
    if (action !== "erasure" || id === undefined) throw new UsageError("consumer patients needs export or erasure");
    if (!isUuid(id)) throw new UsageError("erasure needs the id of an erasure");
    return await showErasure(id, values.json, context);
  },
};

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

/** A value that is no address is not quoted: it may hold one. */
function patientOf({ email, phone }: { email?: string | undefined; phone?: string | undefined }): Patient {
  if ((email === undefined) === (phone === undefined)) throw new UsageError("export needs one of --email and --phone");
  if (email !== undefined) {
    if (!isEmail(email)) throw new UsageError("--email is not an e-mail address");
    return { email };
  }
  if (!isPhone(phone!)) throw new UsageError("--phone is not an E.164 number");
  return { phone: phone! };
}

async function exportAll(
  patient: Patient,
  json: boolean,
  { config, openDatabase, print, note }: CommandContext,
): Promise<void> {
  const exported = await exportFromBoth({ sql: openDatabase(), producer: config.producer }, patient);
  if (!config.producer) note("PRODUCER_OPS_URL is not set: what the producer keeps is missing");
  print(JSON.stringify(exported, null, json ? 0 : 2));
}

interface Cleared {
  occurredAt: Date;
  job: string;
  action: string;
  eventKey: string | null;
  detail: unknown;
}

async function showErasure(
  id: string,
  json: boolean,
  { openDatabase, print, note }: CommandContext,
): Promise<number> {
  const rows = await openDatabase()<Cleared[]>`
    select occurred_at as "occurredAt", job, action, event_key as "eventKey", detail from audit_outcomes
    where aggregate_id = ${id.toLowerCase()} and event_name = ${eventNames.patientErased} order by id`;
  if (rows.length === 0) {
    note("No job has had an event of this erasure");
    return 1;
  }
  if (json) { for (const row of rows) print(JSON.stringify(row)); }
  else {
    const lines = rows.map((row) => [row.occurredAt.toISOString(), row.job, row.action, JSON.stringify(row.detail)]);
    for (const line of table(["WHEN", "JOB", "ACTION", "DETAIL"], lines)) print(line);
  }
  return 0;
}
