import { root } from "../local-files.ts";
import { plant } from "../simulation/weakenings.ts";
import { catalogue } from "./catalogue.ts";
import { type Run, runFault, type RunOptions } from "./run-fault.ts";
import { isRed } from "./table.ts";
import type { FoundBy } from "./weakenings.ts";

export interface FindOptions extends Omit<RunOptions, "fault" | "root"> {
  rounds: number;
  each(run: Run): void;
}

/** Runs the faults that are meant for it until one is red; the last run says whether. */
export async function findWeakening(weakening: FoundBy, options: FindOptions): Promise<Run[]> {
  const copy = plant(root, weakening);
  const runs: Run[] = [];
  try {
    for (let round = 0; round < options.rounds; round++) {
      for (const name of weakening.faults) {
        const fault = catalogue.find((one) => one.name === name);
        if (!fault) throw new Error(`${weakening.name} is meant for ${name}, which is not in the catalogue`);
        const run = await runFault({ ...options, fault, seed: options.seed + round, root: copy.root });
        runs.push(run);
        options.each(run);
        if (isRed(run) && !run.brokeOff) return runs;
      }
    }
    return runs;
  } finally {
    copy.remove();
  }
}
