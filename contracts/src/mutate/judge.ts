import type { Change } from "./mutants.ts";
import { type Stage, stagesFor } from "./stages.ts";

export interface Red {
  stage: string;
  reason: string;
}

/** Where changes are tried out: a copy of the project, and the commands that look at it. */
export interface Bench {
  apply(change: Change): void;
  restore(): void;
  run(stage: Stage): Promise<string | undefined>;
  stages?: Stage[];
}

/**
 * Answers the first command that a change turns red. It only counts when that command is green without the change, which
 * is asked once: a harmless change that leaves everything green has answered it as well, so no run of its own begins.
 */
export function createJudge(bench: Bench): (change: Change) => Promise<Red | undefined> {
  const greenWithout = new Set<string>();

  async function firstRed(change: Change, stages: Stage[]): Promise<[Stage, string] | undefined> {
    try {
      bench.apply(change);
      for (const stage of stages) {
        const reason = await bench.run(stage);
        if (reason !== undefined) return [stage, reason];
      }
      return undefined;
    } finally {
      bench.restore();
    }
  }

  return async (change) => {
    const stages = stagesFor(change.edits.map(({ file }) => file), bench.stages);
    const red = await firstRed(change, stages);
    if (red === undefined) {
      if (change.harmless) stages.forEach(({ name }) => greenWithout.add(name));
      return undefined;
    }
    const [stage, reason] = red;
    if (!greenWithout.has(stage.name)) {
      const without = await bench.run(stage);
      bench.restore();
      if (without !== undefined) throw new Error(`${stage.name} is red without any mutation: ${without}`);
      greenWithout.add(stage.name);
    }
    return { stage: stage.name, reason };
  };
}
