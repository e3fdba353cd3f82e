import type { Command } from "../command.ts";
import { agree } from "../commands/agree.ts";
import { diff } from "../commands/diff.ts";
import { generate } from "../commands/generate.ts";
import { pact } from "../commands/pact.ts";
import { prove } from "../commands/prove.ts";
import { replay } from "../commands/replay.ts";
import { validate } from "../commands/validate.ts";

interface Stage {
  name: string;
  command: Command;
  positionals?: string[];
  flags?: string[];
  /** Beginnings of the paths that its answer depends on. */
  reads: string[];
}

const DOCUMENTS = ["asyncapi.yaml", "consumer/asyncapi.yaml"];
const GENERATED = ["producer/src/generated/", "consumer/src/generated/"];

/** The commands of CI, the cheapest first. */
const STAGES: Stage[] = [
  { name: "agree", command: agree, reads: [...DOCUMENTS, "contracts/pacts/"] },
  { name: "diff HEAD", command: diff, positionals: ["HEAD"], reads: [...DOCUMENTS, "contracts/pacts/"] },
  { name: "validate", command: validate, reads: DOCUMENTS },
  { name: "generate --check", command: generate, flags: ["check"], reads: [...DOCUMENTS, ...GENERATED] },
  { name: "pact --check", command: pact, flags: ["check"], reads: ["consumer/", "contracts/pacts/"] },
  { name: "prove", command: prove, reads: ["asyncapi.yaml", "producer/", "contracts/pacts/"] },
  { name: "replay", command: replay, reads: [...DOCUMENTS, "producer/", "consumer/", "contracts/releases/"] },
];

/**
 * The first command that turns red in `root`, with what it says; undefined when all stay green. A command that reads
 * none of the changed files says what it said before, so it is not asked again. `before` is called ahead of each.
 */
export async function firstRed(
  root: string,
  changed: string[] | undefined,
  before: (stage: string) => void | Promise<void> = () => {},
): Promise<{ stage: string; reason: string } | undefined> {
  for (const { name, command, positionals = [], flags = [], reads } of STAGES) {
    const concerned = changed?.some((file) => reads.some((beginning) => file.startsWith(beginning))) ?? true;
    if (!concerned) continue;
    await before(name);
    try {
      const { findings } = await command.run({ root, positionals, flags: new Set(flags), options: {} });
      const error = findings.find(({ level }) => level === "error");
      if (error) return { stage: name, reason: `${error.file}: ${error.reason}` };
    } catch (error) {
      return { stage: name, reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return undefined;
}
