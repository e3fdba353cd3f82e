import { existsSync, readFileSync } from "node:fs";

export interface Tally {
  passed: number;
  failed: number;
  /** Tests that did not run, as those of a file whose set-up failed; the failure itself counts once. */
  skipped: number;
  /** What failed, a line each. */
  failures: readonly string[];
}

export const onePassed: Tally = { passed: 1, failed: 0, skipped: 0, failures: [] };

export function oneFailed(what: string): Tally {
  return { passed: 0, failed: 1, skipped: 0, failures: [what] };
}

export function add(tallies: Iterable<Tally>): Tally {
  const sum = { passed: 0, failed: 0, skipped: 0, failures: [] as string[] };
  for (const { passed, failed, skipped, failures } of tallies) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    sum.failures.push(...failures);
  }
  return sum;
}

/** The last line of a run, after what failed: the one place where it can be read without scrolling. */
export function summary({ passed, failed, skipped, failures }: Tally): string {
  const list = failures.length > 0 ? ["failed:", ...failures.map((failure) => `  ${failure}`), ""] : [];
  const counts = [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])];
  return [...list, counts.join(", ")].join("\n");
}

interface VitestReport {
  testResults: TestFile[];
}

interface TestFile {
  name?: string;
  status?: string;
  message?: string;
  assertionResults: { status: string; fullName?: string; failureMessages?: string[] | null }[];
}

/**
 * What a run of vitest counted. A file that failed without a failed test, as when its set-up fails, and an exit code that
 * contradicts the report each count as one failure.
 */
export function readTally(reportFile: string, exitCode: number, run = "the run"): Tally {
  if (!existsSync(reportFile)) return oneFailed(`${run} ended without a report`);
  const { testResults }: VitestReport = JSON.parse(readFileSync(reportFile, "utf8"));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === "passed").length;
  const failures = testResults.flatMap(failuresOf);
  const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed").length;
  if (failures.length === 0 && exitCode !== 0) failures.push(`${run} ended with ${exitCode} though no test failed`);
  return { passed, failed: failures.length, skipped, failures };
}

function failuresOf({ name = "a file", status, message, assertionResults }: TestFile): string[] {
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (failed.length > 0) {
    return failed.map((test) => `${name} > ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`);
  }
  const isRed = status === "failed" || assertionResults.length === 0;
  return isRed ? [`${name}: ${firstLine(message) || "no test in it ran"}`] : [];
}

function firstLine(text: string | undefined): string {
  return text?.split("\n")[0]?.slice(0, 300) ?? "";
}
