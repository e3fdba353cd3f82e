import { expect, it } from "vitest";
import { judgeAll } from "../support/judge-edits.ts";
import { ROOT } from "../support/project.ts";

const MINUTES = 60_000;

it("sees a change of each place of the project's own documents, and has a rule for what is not MAJOR", () => {
  const judged = judgeAll(ROOT, ({ operator, path }) => operator !== "reordered" && !path.includes("examples"));
  const unseen = judged.filter(({ verdict }) => verdict === "none").map(({ line }) => line);
  expect(unseen.filter((line) => !/#\/(info\/version|components\/messageTraits) /.test(line))).toEqual([]);
  expect(judged.filter(({ verdict }) => /^(MINOR|PATCH)$/.test(verdict))).toEqual([]);
  const major = judged.filter(({ verdict }) => verdict === "MAJOR").length;
  console.log(`${judged.length} changes, ${major} MAJOR`);
}, 60 * MINUTES);
