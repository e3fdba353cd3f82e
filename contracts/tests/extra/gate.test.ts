import { execFile } from "node:child_process";
import process from "node:process";
import { expect, test } from "vitest";

const cli = new URL("../../src/cli.ts", import.meta.url).pathname;
const tsx = new URL("../../node_modules/tsx/dist/cli.mjs", import.meta.url).pathname;
const MINUTES = 60_000;

function contracts(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [tsx, cli, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

/** Another one each day, so that the samples differ; the output names it. */
const seed = String(Math.floor(Date.now() / 86_400_000));

test("the consumer takes valid messages and refuses mutated ones, job by job", async () => {
  const { code, output } = await contracts("fuzz", "--messages", "200", "--seed", seed);
  expect(code, output).toBe(0);
}, 10 * MINUTES);

test("a sample of the mutants is killed, without a false alarm", async () => {
  const { code, output } = await contracts("mutate", "--sample", "12", "--seed", seed);
  expect(code, output).toBe(0);
  expect(output).toMatch(
    /^[1-9]\d* mutants, [1-9]\d* killed, 0 survived; [1-9]\d* harmless changes, 0 false alarms$/m,
  );
}, 15 * MINUTES);
