import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "../../local-files.ts";

const run = promisify(execFile);

/** Short: that they run, and print both figures and their ratio. Nothing here depends on how fast anything is. */
test.each([
  ["relay", "--events", "3000", "--rounds", "1"],
  ["latency", "--rate", "20", "--seconds", "1"],
  ["http", "--seconds", "0.3", "--rounds", "1"],
  ["whole", "--rates", "5", "--seconds", "1"],
  [
    "growth",
    ...["events", "archived", "inbox", "sends", "dead-letters"].flatMap((what) => [`--${what}`, "300"]),
    "--rounds",
    "1",
  ],
  ["start", "--seconds", "1", "--rounds", "1"],
  ["peers", "--events", "300", "--rounds", "1"],
])("the benchmark %s prints a ratio in each row", async (name, ...options) => {
  const command = [join(root, "system/run.mjs"), "bench", name, "--json", ...options];
  const { stdout } = await run(process.execPath, command, { cwd: root, timeout: 200_000, maxBuffer: 2 ** 24 });
  const table = JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, Record<string, unknown>>;
  expect(Object.keys(table)).not.toHaveLength(0);
  for (const [row, figures] of Object.entries(table)) {
    expect(figures, row).toMatchObject({ ratio: expect.any(Number) });
    expect(Object.keys(figures).length, row).toBeGreaterThanOrEqual(3);
  }
});
