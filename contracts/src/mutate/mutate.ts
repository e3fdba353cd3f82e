import process from "node:process";
import fc from "fast-check";
import { generate } from "../commands/generate.ts";
import { type Servers, withServers } from "../servers.ts";
import { applyEdit } from "./edit.ts";
import { type Change, harmlessChanges, mutants } from "./mutants.ts";
import { copyProject, type ProjectCopy } from "./project-copy.ts";
import { firstRed } from "./stages.ts";

export interface MutationReport {
  killed: { change: Change; stage: string; reason: string }[];
  survived: Change[];
  harmless: Change[];
  falseAlarms: { change: Change; stage: string; reason: string }[];
}

export interface MutateOptions {
  /** Stops taking new changes after so many seconds; undefined takes all. */
  seconds: number | undefined;
  /** The order in which a sample takes them. */
  seed: number;
  progress(done: number, of: number, line: string): void;
}

/** Applies each change to one warm copy of the project, and runs the commands of CI until one turns red. */
export async function mutate(root: string, options: MutateOptions): Promise<MutationReport> {
  return await withServers(root, async (servers) => {
    const copy = copyProject(root);
    try {
      return await mutateCopy(copy, servers, options);
    } finally {
      copy.remove();
    }
  });
}

async function mutateCopy(copy: ProjectCopy, servers: Servers, options: MutateOptions): Promise<MutationReport> {
  Object.assign(process.env, servers); // one stack for every command that follows
  const baseline = await firstRed(copy.root, undefined);
  if (baseline) throw new Error(`${baseline.stage} is red without any mutation: ${baseline.reason}`);

  const report: MutationReport = { killed: [], survived: [], harmless: [], falseAlarms: [] };
  const started = Date.now();
  const chosen = options.seconds === undefined ? [...mutants, ...harmlessChanges] : shuffled(options.seed);
  for (const [index, change] of chosen.entries()) {
    if (options.seconds !== undefined && (Date.now() - started) / 1000 > options.seconds) break;
    const red = await tryChange(copy, change);
    if (change.harmless) report.harmless.push(change);
    if (red && change.harmless) report.falseAlarms.push({ change, ...red });
    if (red && !change.harmless) report.killed.push({ change, ...red });
    if (!red && !change.harmless) report.survived.push(change);
    const verdict = red ? `red by ${red.stage}` : "green";
    options.progress(index + 1, chosen.length, `${change.area}: ${change.what}: ${verdict}`);
  }
  return report;
}

/** What the documents say has to be generated before the services can run by it. */
async function tryChange(copy: ProjectCopy, { edits }: Change) {
  try {
    for (const edit of edits) applyEdit(copy.root, edit);
    const files = edits.map(({ file }) => file);
    const documents = files.filter((file) => file.endsWith("asyncapi.yaml"));
    let generated = false;
    return await firstRed(copy.root, files, async (stage) => {
      if (documents.length === 0 || generated || stage !== "generate --check") return;
      generated = true;
      await generate.run({ root: copy.root, positionals: [], flags: new Set(), options: {} });
      files.push("producer/src/generated/", "consumer/src/generated/");
    });
  } finally {
    copy.restore();
  }
}

function shuffled(seed: number): Change[] {
  const all = [...mutants, ...harmlessChanges];
  const shuffle = fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
  return fc.sample(shuffle, { numRuns: 1, seed })[0] as Change[];
}
