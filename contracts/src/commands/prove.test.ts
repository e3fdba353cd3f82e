import { expect, test } from "vitest";
import { walkLines } from "./prove.ts";

const walked = { commands: 199, runs: 20, events: 500 };
const wrong = { pointer: "/operations", reason: "move: another length from booked: no appointment.rescheduled came" };

test("a walk names its seed, and one that found something says how to repeat it", () => {
  const green = walkLines({ pacts: [], answers: [], violations: [], walked }, { seed: 7, runs: 20 });
  expect(green).toEqual(["199 commands from states and 20 random walks, 500 events as the model has them: seed 7"]);
  const red = walkLines(
    { pacts: [], answers: [], violations: [wrong], walked: { ...walked, runs: 0 } },
    { seed: 7, runs: 20 },
  );
  expect(red[1]).toBe("again with: npm run contracts -- prove --seed 7 --runs 20");
});
