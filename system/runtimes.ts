import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { denoBinary } from "./deno-command.ts";
import { root } from "./local-files.ts";
import { runSession } from "./session.ts";
import { startTestServers } from "./test-servers.ts";
import { type RuntimeResult, withRuntimes } from "./testing/runtime-table.ts";
import { runSuite, type SuiteResult } from "./testing/run-suite.ts";

const { values } = parseArgs({ options: { node: { type: "string", multiple: true, default: [] } } });

/** Counts what passes on each runtime and writes it into the README. */
await runSession(async (session) => {
  const { signal } = session;
  const env = await startTestServers(session);
  const results: RuntimeResult[] = [];
  for (const program of [process.execPath, ...values.node, denoBinary()]) {
    const suites: Record<string, SuiteResult> = {};
    for (const folder of ["producer", "consumer"]) suites[folder] = await runSuite(program, { folder, env, signal });
    results.push({ runtime: versionOf(program), suites });
  }
  const revision = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  const readme = join(root, "README.md");
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(readme, withRuntimes(readFileSync(readme, "utf8"), results, revision, day));
  return results.some(({ suites }) => Object.values(suites).some(({ failed }) => failed > 0)) ? 1 : 0;
});

function versionOf(program: string): string {
  const said = execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
  return said.startsWith("deno") ? said.replace(/^deno (\S+)[\s\S]*/, "Deno $1") : `Node ${said.slice(1)} (tsx)`;
}
