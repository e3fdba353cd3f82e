import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "../../src/deploy/git.ts";

const gate = new URL("../..", import.meta.url).pathname;
const documents = join(gate, "tests/fixtures/elsewhere");
const MINUTES = 60_000;

const config = `import { defineConfig } from "appointment-contracts";

export default defineConfig({
  documents: { producer: "lamps/asyncapi.yaml", consumer: "board/asyncapi.yaml" },
  generated: { producer: "lamps/generated", consumer: "board/generated", formats: "../../lamps/formats.ts" },
  pacts: { folder: "pacts", provider: "lamps", consumerPrefix: "board-" },
  queuePrefix: "board.",
});
`;

let root: string;

function run(command: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

/** The command that npm has put into the project, of the packed gate. */
const contracts = (...args: string[]) => run(join(root, "node_modules/.bin/contracts"), ...args);

function edit(file: string, find: string, put: string): void {
  const text = readFileSync(join(root, file), "utf8");
  expect(text).toContain(find);
  writeFileSync(join(root, file), text.replace(find, put));
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "other-project-"));
  cpSync(documents, root, { recursive: true });
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "town", private: true, type: "module" }));
  writeFileSync(join(root, ".gitignore"), "node_modules/\n*.tgz\n");
  writeFileSync(join(root, "contracts.config.ts"), config);
  const packed = await run("npm", "pack", "--silent", gate);
  expect(packed, packed.output).toMatchObject({ code: 0 });
  const installed = await run(
    "npm",
    "install",
    "--silent",
    "--prefer-offline",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    `./${packed.output.trim()}`,
  );
  expect(installed, installed.output).toMatchObject({ code: 0 });
  git(root, ["init", "--quiet", "--initial-branch=main"]);
  git(root, ["config", "user.name", "town"]);
  git(root, ["config", "user.email", "town@example.org"]);
  git(root, ["add", "--all"]);
  git(root, ["commit", "--quiet", "--message=documents"]);
}, 10 * MINUTES);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("in an empty project the packed gate validates, generates, agrees and compares", async () => {
  expect(await contracts("validate")).toEqual({
    code: 0,
    output: "lamps/asyncapi.yaml and board/asyncapi.yaml are valid\n",
  });
  expect(await contracts("generate")).toEqual({ code: 0, output: "8 files written\n" });
  expect(await contracts("generate", "--check")).toEqual({ code: 0, output: "8 generated files are up to date\n" });
  expect(await contracts("agree")).toEqual({
    code: 0,
    output: "2 interactions of 1 pacts agree with both documents\n",
  });
  expect(await contracts("diff", "HEAD")).toMatchObject({ code: 0 });
  expect(await contracts("fields")).toMatchObject({ code: 0 });
  const help = await contracts("--help");
  expect(help).toMatchObject({ code: 0, output: expect.stringContaining("  validate  ") });
  expect(help.output).not.toContain("  prove");
}, 5 * MINUTES);

test("what it generates there runs: strict where it is sent, tolerant where it is read", async () => {
  writeFileSync(
    join(root, "try.ts"),
    `import * as v from "valibot";
import { measuredSchema } from "./lamps/generated/events.ts";
import { jobs } from "./board/generated/jobs.ts";
import { queues } from "./board/generated/topology.ts";

const sent = { lamp: "main-street-7", lumens: 812, at: "2026-11-23T18:00:00Z" };
console.log(JSON.stringify([
  v.is(measuredSchema, sent),
  v.is(measuredSchema, { ...sent, colour: "blue" }),
  v.is(measuredSchema, { ...sent, at: "soon" }),
  v.parse(jobs.darkness.events["lamp.measured"], { ...sent, colour: "blue" }),
  queues.darkness.retry.delays.map(({ queue }) => queue),
]));
`,
  );
  const { code, output } = await run(process.execPath, join(root, "node_modules/tsx/dist/cli.mjs"), "try.ts");
  expect(code, output).toBe(0);
  expect(JSON.parse(output)).toEqual([
    true,
    false,
    false,
    { lamp: "main-street-7", lumens: 812 },
    ["board.darkness.retry.5s", "board.darkness.retry.1m"],
  ]);
}, 2 * MINUTES);

test("it finds a break, and names the job whose pact expects the field", async () => {
  edit("lamps/asyncapi.yaml", "required: [lamp, lumens, at]", "required: [lamp, at]");
  const { code, output } = await contracts("diff", "HEAD");
  expect(code, output).toBe(1);
  expect(output).toMatch(/^lamps\/asyncapi\.yaml#\S+: MAJOR .*lumens.*darkness/m);
  expect(await contracts("agree")).toMatchObject({ code: 1, output: expect.stringContaining("lumens") });
  git(root, ["checkout", "--quiet", "--", "lamps/asyncapi.yaml"]);
}, 2 * MINUTES);

test("it refuses a configuration that is wrong, or not there, and says what of it", async () => {
  edit("contracts.config.ts", '"lamps/asyncapi.yaml"', '"/lamps/asyncapi.yaml"');
  edit("contracts.config.ts", 'provider: "lamps", ', "");
  expect(await contracts("validate")).toEqual({
    code: 2,
    output: expect.stringMatching(
      /contracts\.config\.ts is wrong: documents\.producer: must be a path inside of the project; pacts\.provider: /,
    ),
  });
  rmSync(join(root, "contracts.config.ts"));
  expect(await contracts("validate")).toEqual({
    code: 2,
    output: `contracts: ${root} has no contracts.config.ts, which says where the AsyncAPI documents are\n`,
  });
}, 2 * MINUTES);
