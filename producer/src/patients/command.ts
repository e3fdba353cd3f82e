import { randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import { parseArgs, type ParseArgsConfig } from "node:util";
import * as v from "valibot";
import { newId } from "../domain/new-id.ts";
import * as fields from "../http/fields.ts";
import type { PatientKeys } from "../patient-keys/patient-keys.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import type { Sql } from "../postgres/database.ts";
import { exportPatient } from "./export-patient.ts";
import type { Patient } from "./patient.ts";
import { erase, presentExport } from "./patients.ts";

export const patientsUsage = `Usage: producer patients erase (--email ADDRESS | --phone NUMBER) [--json]
       producer patients export (--email ADDRESS | --phone NUMBER) [--json]

erase    clears what this service keeps of the patient, and tells the other services to do so; prints what was cleared
export   prints all that this service keeps of the patient, as JSON with --json or without

  --email  the address of the patient, in whatever capitals
  --phone  the number, in E.164's form
  --json   erase: one JSON object: id, and how much was cleared where`;

const options = {
  email: { type: "string" },
  phone: { type: "string" },
  json: { type: "boolean", default: false },
} as const satisfies ParseArgsConfig["options"];

/** What was asked for; throws a TypeError where the command was called in another way. */
export function readPatientsCommand(args: string[]): { action: "erase" | "export"; patient: Patient; json: boolean } {
  const { values: { email, phone, json }, positionals: [action, ...rest] } = parseArgs({
    args,
    options,
    allowPositionals: true,
  });
  if ((action !== "erase" && action !== "export") || rest.length > 0) {
    throw new TypeError("producer patients needs erase or export");
  }
  if ((email === undefined) === (phone === undefined)) {
    throw new TypeError("producer patients needs one of --email and --phone");
  }
  return { action, patient: patientOf(email, phone), json };
}

/** A value that is no address is not quoted: it may hold one. */
function patientOf(email: string | undefined, phone: string | undefined): Patient {
  const given = email === undefined ? v.safeParse(fields.phone, phone) : v.safeParse(fields.email, email);
  if (!given.success) throw new TypeError(`${email === undefined ? "--phone" : "--email"}: ${given.issues[0].message}`);
  return email === undefined ? { patientPhone: given.output } : { patientEmail: given.output };
}

/** Returns what is to be printed. */
export async function runPatientsCommand(
  sql: Sql,
  commandPath: CommandPath,
  { action, patient, json }: ReturnType<typeof readPatientsCommand>,
  keys?: PatientKeys,
): Promise<string> {
  if (action === "export") return JSON.stringify(presentExport(await exportPatient(sql, patient, keys)), null, 2);
  const now = () => new Date();
  const id = () => newId(now());
  const { answer } = await erase({ commandPath, keys, now, newErasureId: id }, patient, {
    actor: `operator:${systemUser()}`,
    correlationId: id(),
    traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`,
    tracestate: undefined,
    idempotency: undefined,
  });
  const report = JSON.parse(answer.body) as Record<string, string | number>;
  return json ? answer.body : Object.entries(report).map(([name, value]) => `${name.padEnd(22)} ${value}`).join("\n");
}

/** A container may run as a user without a name. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
