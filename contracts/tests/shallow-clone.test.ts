import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, expect, test } from "vitest";
import type { CommandInput } from "../src/command.ts";
import { diff } from "../src/commands/diff.ts";
import { prove } from "../src/commands/prove.ts";
import { FIXTURE, folderWith, projectWith } from "./support/project.ts";

let root: string;
/** The consumer's version of the first commit, which a later one replaced. */
let old: string;

beforeEach(() => {
  root = projectWith(() => {});
  cpSync(join(FIXTURE, "contracts/pacts"), join(root, "contracts/pacts"), { recursive: true });
  git("init", "--initial-branch=main");
  commit();
  old = git("rev-parse", "HEAD:consumer");
  write("consumer/main.ts", "another version");
});

function git(...args: string[]): string {
  const asTester = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  return execFileSync("git", [...asTester, ...args], { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function commit(): void {
  git("add", ".");
  git("commit", "--message=next");
}

/** A clone that has the last commit only. */
function clone(): string {
  const target = folderWith({});
  git("clone", "--depth=1", pathToFileURL(root).href, target);
  return target;
}

function input(root: string, ...positionals: string[]): CommandInput {
  return { root, positionals, flags: new Set(), options: {} };
}

const remedy = "is not in this clone, which is shallow: fetch the whole history (git fetch --unshallow)";

test("diff against a revision that a shallow clone lacks fails with what to do", async () => {
  const first = git("rev-parse", "HEAD");
  commit();
  await expect(diff.run(input(clone(), first))).rejects.toThrow(`${first} ${remedy}`);
});

test("diff fails where a shallow clone lacks what a release was cut from", async () => {
  for (const file of ["asyncapi.yaml", "consumer/asyncapi.yaml"]) {
    cpSync(join(root, file), join(root, "contracts/releases/0.1.0", file), { recursive: true });
  }
  write("contracts/releases/0.1.0/release.json", JSON.stringify({ services: { consumer: old } }));
  commit();
  await expect(diff.run(input(clone(), "HEAD"))).rejects.toThrow(`consumer ${old} of release 0.1.0 ${remedy}`);
  expect((await diff.run(input(root, "HEAD"))).findings).toEqual([]);
});

test("prove fails where a shallow clone lacks a version that runs somewhere", async () => {
  write("contracts/deployments/production.json", JSON.stringify({ "appointment-audit": old }));
  commit();
  await expect(prove.run(input(clone()))).rejects.toThrow(`consumer ${old}, which runs in production, ${remedy}`);
});
