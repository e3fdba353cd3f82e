import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { practise } from "../support/drill.ts";
import { drillsOf } from "../support/drills.ts";
import { type RehearsedSystem, startRehearsedSystem } from "../support/rehearsed-system.ts";

let system: RehearsedSystem;
beforeAll(async () => {
  system = await startRehearsedSystem();
}, 300_000);
beforeEach(({ onTestFailed, task }) => {
  onTestFailed(async () => {
    const name = drillsOf().find((drill) => task.name.includes(drill.name))?.name ?? "poison";
    await system.run(`npm run --silent rehearse -- ${name} --undo`);
  });
});
afterAll(() => system?.remove());

test.each(drillsOf())(
  "$name: what is shown leads to $runbook, and following it to the letter mends it and loses nothing",
  { timeout: 600_000 },
  (drill) => practise(system, drill),
);

test("a second incident is refused while one is on, and so is one that there is not", async () => {
  const run = (args: string) => system.run(`npm run --silent rehearse -- ${args}`);
  await system.rehearse("poison");
  const second = await run("calendar-conflict");
  expect(second).toEqual({
    code: 1,
    output: "poison is being rehearsed: end it with npm run rehearse -- poison --undo\n",
  });
  expect(await run("poison --undo")).toMatchObject({ code: 0 });
  expect(await run("poison --undo")).toEqual({ code: 0, output: "poison: it is not on\n" });
  expect(await run("fire")).toMatchObject({ code: 1, output: expect.stringMatching(/^which incident\? /) });
  expect((await run("--list")).output.trim().split("\n")).toHaveLength(10);
});
