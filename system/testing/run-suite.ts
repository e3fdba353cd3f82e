import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { denoBinary } from "../deno-command.ts";
import { notOnDeno } from "./not-on-deno.ts";
import { type CommandOptions, exitCode } from "./run-command.ts";

export interface SuiteResult {
  passed: number;
  failed: number;
  /** Tests of the list that did fail. */
  excused: string[];
}

interface VitestReport {
  testResults: { assertionResults: { title: string; status: string }[] }[];
}

const vitest = ["node_modules/vitest/vitest.mjs", "run", "--pool=forks"];

/**
 * Runs the unit and integration tests of a folder, or those of one vitest project, with a Node or Deno. On Deno, those
 * that can't pass are excused.
 */
export async function runSuite(
  program: string,
  { project, ...options }: CommandOptions & { project?: "unit" | "integration" },
): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), "suite-"));
  const report = join(folder, "report.json");
  const onDeno = program === denoBinary();
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    const run = [
      program,
      ...(onDeno ? ["run", "--allow-all"] : []),
      ...vitest,
      ...(project ? ["--project", project] : []),
    ];
    const code = await exitCode([...run, ...reporters], options);
    const { testResults }: VitestReport = JSON.parse(readFileSync(report, "utf8"));
    const empty = testResults.filter((file) => file.assertionResults.length === 0).length;
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    const passed = tests.filter(({ status }) => status === "passed").length;
    const excused = tests.filter(({ status, title }) => status !== "passed" && onDeno && title in notOnDeno);
    const failed = tests.length - passed - excused.length + empty;
    const unexplained = code !== 0 && failed === 0 && excused.length === 0;
    return { passed, failed: unexplained ? 1 : failed, excused: excused.map(({ title }) => title) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
