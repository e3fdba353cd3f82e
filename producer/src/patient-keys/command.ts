import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as v from "valibot";
import type { Sql } from "../postgres/database.ts";
import { countNeeded } from "./needed-keys.ts";
import type { OpenPatientKeys } from "./open-patient-keys.ts";

export const keysUsage = `Usage: producer keys list [--json]
       producer keys rotate [--json]
       producer keys retire --keep FILE [--json]

list    says how many patients' keys each master key has wrapped, and how many keys are still needed by what lies where
rotate  wraps every patient's key by the current master key, the first of PATIENT_KEYS_MASTER; nothing stops meanwhile
retire  destroys the keys that no event of outbox or archive needs, nor the other service: those of long ago

  --keep  what \`consumer keys list --json\` printed, or - for standard input: keys that its dead letters need
  --json  one JSON object: for list masters and keys, for rotate rewrapped, for retire destroyed`;

const options = { json: { type: "boolean", default: false }, keep: { type: "string" } } as const;
const needed = v.pipe(v.string(), v.parseJson(), v.object({ needed: v.array(v.object({ kid: v.string() })) }));

type KeysCommand = { readonly action: "list" | "rotate" | "retire"; readonly keep?: string; readonly json: boolean };

/** What was asked for; throws a TypeError where the command was called in another way. */
export function readKeysCommand(args: string[]): KeysCommand {
  const { values: { json, keep }, positionals: [action, ...rest] } = parseArgs({
    args,
    options,
    allowPositionals: true,
  });
  if ((action !== "list" && action !== "rotate" && action !== "retire") || rest.length > 0) {
    throw new TypeError("producer keys needs list, rotate or retire");
  }
  if ((action === "retire") !== (keep !== undefined)) throw new TypeError("--keep goes with retire, which needs it");
  return { action, json, ...(keep !== undefined && { keep }) };
}

function readKept(keep: string): Set<string> {
  const read = v.safeParse(needed, readFileSync(keep === "-" ? 0 : keep, "utf8"));
  if (!read.success) throw new Error(`${keep} is not what consumer keys list --json prints`);
  return new Set(read.output.needed.map(({ kid }) => kid));
}

const batch = 500;
/** Younger ones may be about to be used. */
const minAgeMs = 86_400_000;

/** Returns what is to be printed. */
export async function runKeysCommand(
  sql: Sql,
  patientKeys: OpenPatientKeys | undefined,
  { action, keep, json }: KeysCommand,
): Promise<string> {
  if (!patientKeys) throw new Error("PATIENT_KEYS_URL is not set: there are no patients' keys");
  const { store, keys } = patientKeys;
  const print = (report: Record<string, number>) =>
    json ? JSON.stringify(report) : Object.entries(report).map(([name, count]) => `${name} ${count}`).join("\n");

  if (action === "list") return await list(sql, patientKeys, json);
  if (action === "rotate") {
    let rewrapped = 0;
    for (let done = batch; done === batch; rewrapped += done) done = await store.rewrap(batch);
    return print({ rewrapped });
  }
  const kept = readKept(keep!);
  let destroyed = 0;
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const some = await store.listBefore(new Date(Date.now() - minAgeMs), after, batch);
    for (const key of some) if (!kept.has(key.kid) && await keys.retire(sql, key)) destroyed += 1;
    if (some.length < batch) return print({ destroyed });
    after = some.at(-1)!.kid;
  }
}

async function list(sql: Sql, { store, masters }: OpenPatientKeys, json: boolean): Promise<string> {
  const { byMaster, destroyed } = await store.count();
  const ids = [...new Set([...masters.ids, ...byMaster.keys()])];
  const rows = ids.map((id) => ({
    id,
    state: id === masters.current ? "current" : masters.ids.includes(id) ? "former" : "missing",
    keys: byMaster.get(id) ?? 0,
  }));
  const kept = [...byMaster.values()].reduce((sum, count) => sum + count, 0);
  const counts = { kept, destroyed, ...await countNeeded(sql) };
  if (json) return JSON.stringify({ masters: rows, keys: counts });
  return [
    ...rows.map(({ id, state, keys }) => {
      const canGo = state === "former" && keys === 0 ? ", can be taken out of PATIENT_KEYS_MASTER" : "";
      return `master key ${id}: ${state}, has wrapped ${keys} keys${canGo}`;
    }),
    `patients' keys: ${kept}, and ${destroyed} that were destroyed`,
    `needed by what waits in the outbox: ${counts.neededByOutbox}`,
    `needed by the archive: ${counts.neededByArchive}`,
  ].join("\n");
}
