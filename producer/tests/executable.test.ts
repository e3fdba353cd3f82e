import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deno } from "./client/deno.ts";

const bin = fileURLToPath(new URL("../bin", import.meta.url));
let elsewhere: string;

beforeAll(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), "elsewhere-"));
});
afterAll(() => rm(elsewhere, { recursive: true, force: true }));

/** `producer …` in a folder of somebody else, with nothing in the PATH but the system's tools and these. */
function run(path: string[], ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: [...path, elsewhere].join(":"), HOME: elsewhere, TMPDIR: elsewhere };
  return new Promise((resolve) => {
    execFile("/usr/bin/env", ["producer", ...args], { cwd: elsewhere, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

// In a copy of this folder alone there is no Deno, and on Deno no Node is asked for.
const runtimes = "deno" in process.versions ? ["deno"] : ["node", ...(deno === undefined ? [] : ["deno"])];

test.each(runtimes)("`producer` is a command in any folder, on %s", async (runtime) => {
  // Only this runtime, as in its image, and what a shell script needs.
  const only = await mkdtemp(join(elsewhere, "runtime-"));
  const program = runtime === "deno" ? deno! : process.execPath;
  await symlink(program, join(only, runtime));
  for (const tool of ["sh", "dirname", "readlink"]) await symlink(`/usr/bin/${tool}`, join(only, tool));

  const help = await run([bin, only], "--help");
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toMatch(/^Usage: producer COMMAND/);
  expect(await run([bin, only], "migrate", "--frsh")).toMatchObject({ code: 2, stdout: "" });

  await symlink(join(bin, "producer"), join(only, "producer"));
  expect(await run([only], "describe")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^\{/) });
});
