import { afterAll, beforeAll, beforeEach, test } from "vitest";
import { practise } from "../support/drill.ts";
import { drillsOf } from "../support/drills.ts";
import { type RehearsedSystem, startRehearsedSystem } from "../support/rehearsed-system.ts";

let system: RehearsedSystem;
beforeAll(async () => {
  system = await startRehearsedSystem();
}, 300_000);
beforeEach(({ onTestFailed, task }) => {
  onTestFailed(async () => {
    const name = drillsOf().find((drill) => task.name.includes(drill.name))!.name;
    await system.run(`npm run --silent rehearse -- ${name} --undo`);
  });
});
afterAll(() => system?.remove());

test.each(drillsOf())(
  "$name: what is shown leads to $runbook, and following it to the letter mends it and loses nothing",
  { timeout: 600_000 },
  (drill) => practise(system, drill),
);
