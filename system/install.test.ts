import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "install-"));
  const name = "nothing";
  writeFileSync(join(root, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
  const packages = { "": { name, version: "1.0.0" } };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ name, lockfileVersion: 3, packages }));
});
afterEach(() => rmSync(root, { recursive: true }));

const script = `
  import { mkdirSync } from "node:fs";
  import { installFolder } from ${JSON.stringify(join(import.meta.dirname, "install.mjs"))};
  const [root] = process.argv.slice(1);
  // npm makes no folder for no packages.
  mkdirSync(root + "/node_modules", { recursive: true });
  const problem = installFolder(root, ".");
  if (problem) console.error(problem);
  process.exit(problem ? 1 : 0);
`;

function install(env: Record<string, string> = {}): Promise<{ code: number | null; said: string }> {
  const args = ["--input-type=module", "--eval", script, root];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env } });
  let said = "";
  child.stderr.on("data", (text) => said += text);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

test("of commands that start at once, one installs and the others wait for it", async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => install()));
  expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(all.filter(({ said }) => said.includes("from its package-lock.json"))).toHaveLength(1);
  expect(existsSync(join(root, ".installing"))).toBe(false);
});

test("it is installed again when a patch of what is installed has changed", async () => {
  expect((await install()).said).toContain("took");
  expect((await install()).said).toBe("");
  mkdirSync(join(root, "patches"));
  writeFileSync(join(root, "patches/nothing.mjs"), "// nothing");
  expect((await install()).said).toContain("took");
  expect((await install()).said).toBe("");
});

test("the lock of a command that was killed holds up nobody", async () => {
  writeFileSync(join(root, ".installing"), "999999999");
  expect((await install()).code).toBe(0);
});

test("what npm said of a failure is shown whole", async () => {
  const packages = { "": { name: "nothing", version: "1.0.0", dependencies: { "left-pad": "1.3.0" } } };
  const resolved = { version: "1.3.0", resolved: "http://127.0.0.1:9/left-pad-1.3.0.tgz", integrity: "sha512-AAAA" };
  const lockfile = {
    name: "nothing",
    lockfileVersion: 3,
    packages: { ...packages, "node_modules/left-pad": resolved },
  };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify(lockfile));
  writeFileSync(join(root, "package.json"), JSON.stringify(packages[""]));
  const { code, said } = await install({ npm_config_fetch_retries: "0" });
  expect(code).toBe(1);
  expect(said).toContain("npm ci failed in the root; check the network");
  expect(said).toMatch(/ECONNREFUSED/);
});
