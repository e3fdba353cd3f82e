import { parseArgs } from "node:util";
import { type Command, UsageError } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { findNeededKeys } from "./needed-keys.ts";
import { openPatientKeys, type PatientKeys } from "./open-patient-keys.ts";

const usage = `Usage: consumer keys list [--json]

Lists the keys of patients that dead letters need which nobody has settled, and whether each key is there. What waits in
a queue is in the producer's archive, and \`producer keys list\` counts it. \`producer keys retire --keep\` takes what
--json prints. Keys are rotated and retired by the producer, which writes them.

  --json  one JSON object: needed, an array of {kid, deadLetters, state}`;

/** `consumer keys`: which keys are still needed here. */
export const keysCommand: Command = {
  name: "keys",
  summary: "list the keys of patients that dead letters still need",
  usage,
  async run(args, { config, openDatabase, print }) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    if (positionals.join(" ") !== "list") throw new UsageError("consumer keys needs: list");
    const patientKeys = openPatientKeys(config);
    try {
      const found = await findNeededKeys(openDatabase());
      const stateOf = await readStates(patientKeys, found.map(({ kid }) => kid));
      const needed = found.map((one) => ({ ...one, state: stateOf(one.kid) }));
      if (values.json) print(JSON.stringify({ needed }));
      else if (needed.length === 0) print("no dead letter needs a key");
      else {
        const rows = needed.map(({ kid, deadLetters, state }) => [kid, String(deadLetters), state]);
        for (const line of table(["KEY", "DEAD LETTERS", "STATE"], rows)) print(line);
      }
      return 0;
    } finally {
      await patientKeys?.sql.end({ timeout: 1 });
    }
  },
};

async function readStates(patientKeys: PatientKeys | undefined, kids: readonly string[]) {
  const known = await patientKeys?.findKeys(kids);
  return (kid: string): string => {
    const key = known?.get(kid);
    if (key === undefined) return known ? "unknown" : "PATIENT_KEYS_URL is not set";
    if (key instanceof Error) return "wrapped by a master key that is missing here";
    return key === "destroyed" ? "destroyed" : "there";
  };
}
