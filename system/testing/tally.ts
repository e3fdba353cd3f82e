import { existsSync, readFileSync } from "node:fs";

export interface Tally {
  passed: number;
  failed: number;
}

export const onePassed: Tally = { passed: 1, failed: 0 };
export const oneFailed: Tally = { passed: 0, failed: 1 };

export function add(tallies: Iterable<Tally>): Tally {
  const sum = { passed: 0, failed: 0 };
  for (const { passed, failed } of tallies) {
    sum.passed += passed;
    sum.failed += failed;
  }
  return sum;
}

interface VitestReport {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/**
 * What a run of vitest counted. A file that failed without a single test, a test that was skipped, and an exit code
 * that contradicts the report each count as a failure: nothing is left out in silence.
 */
export function readTally(reportFile: string, exitCode: number): Tally {
  if (!existsSync(reportFile)) return oneFailed;
  const { testResults }: VitestReport = JSON.parse(readFileSync(reportFile, "utf8"));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === "passed").length;
  const emptyFiles = testResults.filter((file) => file.assertionResults.length === 0).length;
  const failed = tests.length - passed + emptyFiles;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}
