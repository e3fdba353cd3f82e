import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { Command, CommandInput, Outcome } from "../command.ts";
import { agree } from "../commands/agree.ts";
import { diff } from "../commands/diff.ts";
import { generate } from "../commands/generate.ts";
import { pact } from "../commands/pact.ts";
import { prove } from "../commands/prove.ts";
import { replay } from "../commands/replay.ts";
import { validate } from "../commands/validate.ts";
import { DocumentError } from "../finding.ts";
import { GenerationFailed } from "../generate.ts";
import { ServiceFailed } from "../wire/service-failed.ts";

/** A call of a command. */
export interface Stage {
  name: string;
  command: Pick<Command, "run">;
  positionals?: string[];
  flags?: string[];
  options?: Record<string, string>;
  /** Beginnings of the paths that its answer depends on. */
  reads: string[];
  /** Beginnings of the paths that it changes. */
  writes?: string[];
}

const DOCUMENTS = ["asyncapi.yaml", "consumer/asyncapi.yaml"];
const GENERATED = ["producer/src/generated/", "consumer/src/generated/"];

/** What the compiler refuses is no mutant: it would never run. Only code that is changed without a table needs asking. */
export const COMPILES: Stage = {
  name: "types",
  command: { run: checkTypes },
  reads: ["producer/src/", "consumer/src/"],
};

async function checkTypes({ root }: CommandInput): Promise<Outcome> {
  const checked = await Promise.all(["producer", "consumer"].map((service) => {
    const tsc = join(root, service, "node_modules/typescript/bin/tsc");
    return promisify(execFile)(process.execPath, [tsc, "--noEmit", "-p", "."], { cwd: join(root, service) })
      .then(() => undefined, ({ stdout }) => String(stdout).trim());
  }));
  const findings = checked.filter((printed) => printed !== undefined)
    .map((printed) => ({ level: "error" as const, file: "", pointer: "", reason: printed.slice(0, 200) }));
  return { findings, summary: "" };
}

/** The commands of CI, the cheapest first. */
export const STAGES: Stage[] = [
  { name: "agree", command: agree, reads: [...DOCUMENTS, "contracts/pacts/"] },
  {
    name: "diff HEAD",
    command: diff,
    positionals: ["HEAD"],
    reads: [...DOCUMENTS, "contracts/pacts/", "CHANGELOG.md"],
  },
  { name: "validate", command: validate, reads: DOCUMENTS },
  { name: "generate --check", command: generate, flags: ["check"], reads: GENERATED },
  // What the documents say has to be generated before the services can run by it.
  { name: "generate", command: generate, reads: DOCUMENTS, writes: GENERATED },
  { name: "pact --check", command: pact, flags: ["check"], reads: ["consumer/", "contracts/pacts/"] },
  {
    name: "prove",
    command: prove,
    // Each command from each state finds what random walks would find again.
    options: { seed: "1", runs: "0" },
    reads: [...DOCUMENTS, "producer/", "consumer/", "contracts/pacts/"],
  },
  { name: "replay", command: replay, reads: [...DOCUMENTS, "producer/", "consumer/", "contracts/releases/"] },
];

/** A command that reads none of the changed files says what it said before, so it is not asked. */
export function stagesFor(changed: string[], stages = STAGES): Stage[] {
  const files = [...changed];
  return stages.filter(({ reads, writes = [] }) => {
    const concerned = files.some((file) => reads.some((beginning) => file.startsWith(beginning)));
    if (concerned) files.push(...writes);
    return concerned;
  });
}

/**
 * What a command says when it is red, undefined when it is green. Trouble that the change can't have caused is no
 * answer: the command is asked once more, and then there is none.
 */
export async function runStage(root: string, stage: Stage): Promise<string | undefined> {
  try {
    return await ask(root, stage);
  } catch {
    try {
      return await ask(root, stage);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${stage.name} could not be run, twice in a row: ${why}`, { cause });
    }
  }
}

async function ask(
  root: string,
  { command, positionals = [], flags = [], options = {} }: Stage,
): Promise<string | undefined> {
  try {
    const { findings } = await command.run({ root, positionals, flags: new Set(flags), options });
    const error = findings.find(({ level }) => level === "error");
    return error && `${error.file}: ${error.reason}`;
  } catch (error) {
    const isAnswer = [DocumentError, GenerationFailed, ServiceFailed].some((failure) => error instanceof failure);
    if (isAnswer) return (error as Error).message;
    throw error;
  }
}
