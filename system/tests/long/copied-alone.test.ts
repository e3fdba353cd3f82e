import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "../../local-files.ts";

const folder = mkdtempSync(join(tmpdir(), "alone-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([["producer", [".", "client"]], ["consumer", ["."]]] as const)(
  "the whole suite of the %s passes where it is copied alone into an empty folder",
  (name, packages) => {
    const copy = join(folder, name);
    cpSync(join(root, name), copy, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
    for (const one of packages) {
      execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: join(copy, one), stdio: "ignore" });
    }
    const output = execFileSync("npm", ["test"], { cwd: copy, encoding: "utf8" });
    const summary = output.split("\n").slice(-6).join("\n");
    console.log(summary);
    expect(summary).toContain("passed");
  },
  600_000,
);
