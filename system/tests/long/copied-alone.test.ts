import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";
import { denoBinary } from "../../deno-command.ts";
import { root } from "../../local-files.ts";
import { runSuite } from "../../testing/run-suite.ts";

const folder = mkdtempSync(join(tmpdir(), "alone-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const programs = { Node: process.execPath, Deno: denoBinary() };
const cases = (["producer", "consumer"] as const).flatMap((name) =>
  Object.keys(programs).map((runtime) => [name, runtime as keyof typeof programs] as const)
);

test.each(cases)(
  "the whole suite of the %s passes on %s where it is copied alone into an empty folder",
  async (name, runtime) => {
    const copy = join(folder, runtime, name);
    cpSync(join(root, name), copy, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
    for (const one of name === "producer" ? [".", "client"] : ["."]) {
      execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: join(copy, one), stdio: "ignore" });
    }
    const signal = new AbortController().signal;
    const { passed, failed, excused } = await runSuite(programs[runtime], { folder: copy, signal });
    console.log(`${name} on ${runtime}: ${passed} passed, ${failed} failed, ${excused.length} can't pass there`);
    expect(failed).toBe(0);
  },
  900_000,
);
