import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { copyProject } from "./project-copy.ts";

test("a copy has the project's files, and nothing of what runs somewhere", () => {
  const root = mkdtempSync(join(tmpdir(), "project-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  execFileSync("git", ["init", "--quiet"], { cwd: root });
  for (const folder of ["producer", "producer/client", "consumer", "contracts/deployments"]) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, "file.json"), "{}");
  }
  const copy = copyProject(root);
  onTestFinished(() => copy.remove());
  expect(existsSync(join(copy.root, "producer/file.json"))).toBe(true);
  expect(existsSync(join(copy.root, "contracts/deployments"))).toBe(false);
});
