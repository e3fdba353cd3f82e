import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { add, oneFailed, readTally, summary } from "./tally.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "tally-"))));
afterEach(() => rmSync(folder, { recursive: true }));

type File = { statuses: string[]; status?: string; message?: string };

function report(...files: File[]) {
  const file = join(folder, "report.json");
  const testResults = files.map(({ statuses, ...rest }, index) => ({
    name: `tests/${index}.test.ts`,
    assertionResults: statuses.map((status) => ({
      status,
      fullName: `a ${status} test`,
      failureMessages: status === "failed" ? ["expected 1 to be 2\n    at somewhere"] : [],
    })),
    ...rest,
  }));
  writeFileSync(file, JSON.stringify({ testResults }));
  return file;
}

test("tests are counted over all files, and what failed is named with its reason", () => {
  const tally = readTally(report({ statuses: ["passed", "passed"] }, { statuses: ["passed", "failed"] }), 1);
  expect(tally).toEqual({
    passed: 3,
    failed: 1,
    skipped: 0,
    failures: ["tests/1.test.ts > a failed test: expected 1 to be 2"],
  });
});

test("a set-up that fails is one failure, and the tests that it kept from running are skipped", () => {
  const file = { statuses: Array(122).fill("skipped"), status: "failed", message: "Hook timed out in 60000ms." };
  expect(readTally(report(file, { statuses: ["passed"] }), 1)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 122,
    failures: ["tests/0.test.ts: Hook timed out in 60000ms."],
  });
});

test("a skipped test is told, and is no failure", () => {
  const tally = readTally(report({ statuses: ["passed", "skipped"], status: "passed" }), 0);
  expect(tally).toMatchObject({ passed: 1, failed: 0, skipped: 1 });
  expect(summary(tally)).toBe("1 passed, 0 failed, 1 skipped");
});

test("a file that could not be loaded is a failure", () => {
  expect(readTally(report({ statuses: ["passed"] }, { statuses: [], message: "no such import" }), 1).failures)
    .toEqual(["tests/1.test.ts: no such import"]);
});

test("an exit code that contradicts the report is a failure", () => {
  expect(readTally(report({ statuses: ["passed"] }), 1)).toMatchObject({ passed: 1, failed: 1 });
});

test("a run without a report is a failure", () => {
  expect(readTally(join(folder, "missing.json"), 0)).toMatchObject({ passed: 0, failed: 1 });
});

test("failures stand right before the last line", () => {
  const tally = add([oneFailed("types"), { passed: 2, failed: 0, skipped: 0, failures: [] }, oneFailed("lint")]);
  expect(summary(tally)).toBe("failed:\n  types\n  lint\n\n2 passed, 2 failed");
});
