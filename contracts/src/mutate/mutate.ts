import process from "node:process";
import fc from "fast-check";
import { type Servers, withServers } from "../servers.ts";
import { applyEdit } from "./edit.ts";
import { createJudge, type Red } from "./judge.ts";
import { type Change, harmlessChanges, mutants } from "./mutants.ts";
import { operatorMutants } from "./operators/operator-mutants.ts";
import { copyProject, type ProjectCopy } from "./project-copy.ts";
import { COMPILES, runStage, STAGES } from "./stages.ts";

export interface MutationReport {
  killed: { change: Change; stage: string; reason: string }[];
  /** Killed, but by another command than the one that ought to find it. */
  byChance: { change: Change; stage: string; reason: string }[];
  survived: Change[];
  /** What the compiler refuses, and so nobody could ever run. */
  uncompilable: Change[];
  harmless: Change[];
  falseAlarms: { change: Change; stage: string; reason: string }[];
  /** How often each command ran, and how long it took in all. */
  stages: Map<string, { runs: number; seconds: number }>;
}

export interface MutateOptions {
  /** Stops taking new changes after so many seconds; undefined takes all. */
  seconds: number | undefined;
  /** The order in which a sample takes them. */
  seed: number;
  /** The mutants that operators make of the code, in the place of those that stand in the tables. */
  operators: boolean;
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
  const report: MutationReport = {
    killed: [],
    byChance: [],
    survived: [],
    uncompilable: [],
    harmless: [],
    falseAlarms: [],
    stages: new Map(),
  };
  const judge = createJudge({
    apply: ({ edits }) => edits.forEach((edit) => applyEdit(copy.root, edit)),
    restore: copy.restore,
    run: (stage) => timed(report.stages, stage.name, () => runStage(copy.root, stage)),
    stages: options.operators ? [COMPILES, ...STAGES] : STAGES,
  });
  const started = Date.now();
  const all = options.operators ? operatorMutants(copy.root) : [...mutants, ...harmlessChanges];
  const drawn = options.seconds === undefined ? all : sampleOrder(options.seed, all);
  const chosen = options.operators ? areasInTurn(drawn) : drawn;
  for (const [index, change] of chosen.entries()) {
    const seconds = (Date.now() - started) / 1000;
    if (options.seconds !== undefined && index >= ALWAYS_TAKEN && seconds > options.seconds) break;
    const red = await judge(change);
    if (change.harmless) report.harmless.push(change);
    if (red && change.harmless) report.falseAlarms.push({ change, ...red });
    if (red?.stage === COMPILES.name) report.uncompilable.push(change);
    else if (red && !change.harmless) report.killed.push({ change, ...red });
    if (red && isByChance(change, red)) report.byChance.push({ change, ...red });
    if (!red && !change.harmless) report.survived.push(change);
    const verdict = `${red ? `red by ${red.stage}` : "green"}, ${
      ((Date.now() - started) / 1000 - seconds).toFixed(1)
    } s`;
    options.progress(index + 1, chosen.length, `${change.area}: ${change.what}: ${verdict}`);
  }
  return report;
}

async function timed<T>(stages: MutationReport["stages"], name: string, run: () => Promise<T>): Promise<T> {
  const started = Date.now();
  try {
    return await run();
  } finally {
    const { runs, seconds } = stages.get(name) ?? { runs: 0, seconds: 0 };
    stages.set(name, { runs: runs + 1, seconds: seconds + (Date.now() - started) / 1000 });
  }
}

/** Whether a mutant that is to be found by a certain command turned another one red. */
export function isByChance({ by, harmless }: Change, { stage }: Red): boolean {
  return !harmless && by !== undefined && by !== stage;
}

/** A sample that found no time for a mutant, or for a harmless change, would prove nothing. */
const ALWAYS_TAKEN = 2;

/** A harmless change, which tells what is green, a mutant, and then all the others in an order that is drawn. */
export function sampleOrder(seed: number, all = [...mutants, ...harmlessChanges]): Change[] {
  const shuffle = fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
  const drawn = fc.sample(shuffle, { numRuns: 1, seed })[0] as Change[];
  const first = [true, false].flatMap((harmless) => drawn.find((change) => change.harmless === harmless) ?? []);
  return [...first, ...drawn.filter((change) => !first.includes(change))];
}

/** The first of each area, then the second of each: an operator with hundreds of places leaves the others their turn. */
export function areasInTurn(drawn: Change[]): Change[] {
  const areas = [...new Set(drawn.map(({ area }) => area))].map((name) => drawn.filter(({ area }) => area === name));
  const turns = Math.max(0, ...areas.map(({ length }) => length));
  return Array.from({ length: turns }, (_, turn) => areas.flatMap((area) => area[turn] ?? [])).flat();
}
