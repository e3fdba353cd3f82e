import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const run = promisify(execFile);
const cli = fileURLToPath(new URL("../../bench/cli.ts", import.meta.url));

test("the jobs are measured beside a bare consumer of the same run, in short", async () => {
  const args = ["--import", "tsx", cli, "consume", "--events", "500", "--rounds", "1", "--jobs", "analytics", "--json"];
  const { stdout } = await run(process.execPath, args, { cwd: fileURLToPath(new URL("../../", import.meta.url)) });
  const table = JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, Record<string, number>>;
  expect(Object.keys(table)).toEqual(["analytics", "bare with a transaction of two inserts"]);
  for (const row of Object.values(table)) {
    for (const figure of Object.values(row)) expect(figure).toBeGreaterThanOrEqual(0);
  }
}, 600_000);
