import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { denoBinary } from "./deno-command.ts";
import { root } from "./local-files.ts";
import type { Runtime } from "./service.ts";
import { runSession } from "./session.ts";
import { startTestServers } from "./test-servers.ts";
import { renderRuntimes, type RuntimeResult } from "./testing/runtime-table.ts";
import { runSuite, type SuiteResult } from "./testing/run-suite.ts";

/** Counts what passes on each runtime and writes docs/runtimes.md. */
await runSession(async (session) => {
  const { signal } = session;
  const env = await startTestServers(session);
  const results: RuntimeResult[] = [];
  for (const runtime of ["node", "deno"] as const) {
    const suites: Record<string, SuiteResult> = {};
    for (const folder of ["producer", "consumer"]) suites[folder] = await runSuite(runtime, { folder, env, signal });
    results.push({ runtime: versionOf(runtime), suites });
  }
  const revision = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  writeFileSync(
    join(root, "docs/runtimes.md"),
    renderRuntimes(results, revision, new Date().toISOString().slice(0, 10)),
  );
  return results.some(({ suites }) => Object.values(suites).some(({ failed }) => failed > 0)) ? 1 : 0;
});

function versionOf(runtime: Runtime): string {
  if (runtime === "node") return `Node ${process.versions.node} (tsx)`;
  return execFileSync(denoBinary(), ["--version"], { encoding: "utf8" }).replace(/^deno (\S+)[\s\S]*/, "Deno $1");
}
