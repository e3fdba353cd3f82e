import { StackError } from "../stack/stack-error.ts";
import { add, oneFailed, type Tally } from "./tally.ts";

export interface Stage {
  name: string;
  /** Stages with a lane run beside those of other lanes; those of one lane, or of none, one after the other. */
  lane?: string;
  run(): Promise<Tally>;
}

/** Runs the stages, or the named ones; a red one does not keep the next from running. */
export async function runStages(stages: Stage[], names: string[], signal: AbortSignal): Promise<Tally> {
  const known = stages.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new StackError(`no stage "${unknown}": choose from ${known.join(", ")}`);

  const results: { name: string; minutes: number; tally: Tally }[] = [];
  const chosen = stages.filter(({ name }) => names.length === 0 || names.includes(name));
  const lanes = new Set(chosen.map(({ lane }) => lane));
  await Promise.all([...lanes].map(async (lane) => {
    for (const stage of chosen) if (stage.lane === lane) await runStage(stage);
  }));

  async function runStage({ name, run }: Stage): Promise<void> {
    console.log(`\n── ${name}`);
    const started = performance.now();
    const tally = await run().catch((error) => {
      signal.throwIfAborted();
      console.error(error instanceof StackError ? error.message : error);
      return oneFailed(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    });
    results.push({ name, minutes: (performance.now() - started) / 60_000, tally });
  }

  console.log(`\n${"stage".padEnd(12)} minutes  passed  failed  skipped`);
  for (const { name, minutes, tally } of results) {
    const numbers = [minutes.toFixed(2).padStart(7), pad(tally.passed), pad(tally.failed), pad(tally.skipped)];
    console.log(`${name.padEnd(12)} ${numbers.join("  ")}`);
  }
  return add(results.map(({ tally }) => tally));
}

function pad(count: number): string {
  return String(count).padStart(6);
}
