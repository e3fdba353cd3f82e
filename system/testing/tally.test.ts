import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTally } from "./tally.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "tally-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function report(...files: string[][]) {
  const file = join(folder, "report.json");
  const testResults = files.map((statuses) => ({ assertionResults: statuses.map((status) => ({ status })) }));
  writeFileSync(file, JSON.stringify({ testResults }));
  return file;
}

test("tests are counted over all files", () => {
  expect(readTally(report(["passed", "passed"], ["passed", "failed"]), 1)).toEqual({ passed: 3, failed: 1 });
});

test("a skipped test is a failure", () => {
  expect(readTally(report(["passed", "skipped"]), 0)).toEqual({ passed: 1, failed: 1 });
});

test("a file that could not be loaded is a failure", () => {
  expect(readTally(report(["passed"], []), 1)).toEqual({ passed: 1, failed: 1 });
});

test("an exit code that contradicts the report is a failure", () => {
  expect(readTally(report(["passed"]), 1)).toEqual({ passed: 1, failed: 1 });
});

test("a run without a report is a failure", () => {
  expect(readTally(join(folder, "missing.json"), 0)).toEqual({ passed: 0, failed: 1 });
});
