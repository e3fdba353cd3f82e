import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { tsImport } from "tsx/esm/api";
import { expect, test } from "vitest";
import { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "yaml";
import { ROOT } from "./support/project.ts";
import { runsOf, setupFile, stepsOf, workflow, workflowFolder, workflowNames } from "./support/workflows.ts";

// Its modules import JSON without saying so, which Node refuses and tsx does not.
const { validate }: typeof import("@actions/languageservice/validate") = await tsImport(
  "@actions/languageservice/validate",
  import.meta.url,
);

const files = [...workflowNames.map((name) => join(workflowFolder, `${name}.yml`)), setupFile];
const textOf = (file: string) => readFileSync(file, "utf8");

/** By GitHub's own parser: the schema of workflows and actions, and every expression. */
const problemsOf = async (uri: string, text: string) =>
  (await validate(TextDocument.create(uri, "yaml", 1, text))).map(({ message }) => message);

test.each(files.map((file) => relative(ROOT, file)))("GitHub's parser finds nothing wrong with %s", async (path) => {
  const file = join(ROOT, path);
  expect(await problemsOf(`file://${file}`, textOf(file))).toEqual([]);
});

test.each([
  ["key", "- run: echo\n        oops: true", "oops"],
  ["function", "- run: echo ${{ fromJSN('') }}", "fromJSN"],
  ["context", "- run: echo ${{ github.nothing }}", "nothing"],
  ["output", "- run: echo ${{ steps.none.outputs.x }}", "none"],
])("GitHub's parser finds an unknown %s", async (kind, step, part) => {
  const wrong = `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      ${step}\n`;
  const problems = await problemsOf(`file:///.github/workflows/${kind}.yml`, wrong);
  expect(problems).toEqual([expect.stringContaining(part)]);
});

test("every action is pinned to one digest with the version beside it, and the pins are kept up to date", () => {
  const lines = files.flatMap((file) => textOf(file).match(/uses: .*/g) ?? []);
  const pins = new Map<string, string>();
  for (const line of lines.filter((one) => !one.includes("uses: ./"))) {
    const [, action = "", pin = ""] = /^uses: ([\w-]+\/[\w-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/.exec(line) ?? [];
    expect(pin, line).not.toBe("");
    expect(pins.get(action) ?? pin, line).toBe(pin);
    pins.set(action, pin);
  }
  expect(pins.size).toBeGreaterThan(8);
  const { updates } = parse(textOf(join(ROOT, ".github/dependabot.yml")));
  const folders = (ecosystem: string): string[] =>
    updates.find((one: { "package-ecosystem": string }) => one["package-ecosystem"] === ecosystem).directories;
  expect(folders("github-actions")).toEqual(["/", "/.github/actions/setup"]);
  for (const folder of folders("npm")) expect(existsSync(join(ROOT, folder, "package-lock.json")), folder).toBe(true);
});

test("Node comes from the one set-up, with a cache", () => {
  const uses = workflowNames.flatMap((name) => stepsOf(workflow(name))).map((step) => step.uses ?? "");
  expect(uses.filter((action) => action.startsWith("actions/setup-node"))).toEqual([]);
  expect(uses.filter((action) => action === "./.github/actions/setup").length).toBeGreaterThan(10);
  const [node] = parse(textOf(setupFile)).runs.steps;
  expect(node.with.cache).toBe("npm");
});

test("every npm script, command, stage and path that a workflow names is there", () => {
  const scriptsOf = (folder: string): object =>
    JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")).scripts;
  const stages = [...textOf(join(ROOT, "system/test.ts")).matchAll(/commands\("(\w+)"/g)].map(([, name]) => name);
  let npm = 0;
  for (const name of workflowNames) {
    const { on, jobs } = workflow(name);
    const commands = Object.values(jobs).flatMap(({ strategy }) => (strategy?.matrix["command"] ?? []) as string[]);
    for (const { run, folder } of [...runsOf(workflow(name)), ...commands.map((run) => ({ run, folder: "." }))]) {
      for (
        const [call, verb, script = "", rest = ""] of run.replaceAll(" -- npm ", "\nnpm ").matchAll(
          /npm (run|test|ci|start)(?: ([a-z][\w:-]*))?(.*)/g,
        )
      ) {
        npm++;
        const [, prefix = folder] = /--prefix (\S+)/.exec(`${script}${rest}`) ?? [];
        const target = prefix === folder ? folder : join(folder, prefix);
        expect(existsSync(join(ROOT, target, "package-lock.json")), call).toBe(true);
        if (verb === "run" || verb === "test") {
          expect(scriptsOf(target), call).toHaveProperty([verb === "run" ? script : verb]);
        }
        if (verb !== "test" || target !== ".") continue;
        for (const stage of rest.replace(/#.*/, "").split(/ +/).filter((word) => /^[a-z]+$/.test(word))) {
          expect([...stages, "contracts", "producer", "consumer", "system"], call).toContain(stage);
        }
      }
      for (const [path] of run.matchAll(/(?:\.ci|\.github|deploy|contracts\/deployments)\/[\w./-]+/g)) {
        expect(existsSync(join(ROOT, path)) || path === "contracts/deployments", `${name}: ${path}`).toBe(true);
      }
    }
    for (const path of Object.values(on).flatMap((trigger) => trigger?.paths ?? [])) {
      const known = join(ROOT, path.replace(/\*.*$/, ""));
      const [folder, start] = known.endsWith("/") ? [known, ""] : [dirname(known), basename(known)];
      expect(readdirSync(folder).some((file) => file.startsWith(start)), `${name}: ${path}`).toBe(true);
    }
    for (const { with: given = {} } of stepsOf(workflow(name))) {
      const folders = [given["context"], ...String(given["sparse-checkout"] ?? "").split("\n")].filter(Boolean);
      for (const folder of folders) expect(existsSync(join(ROOT, String(folder))), `${name}: ${folder}`).toBe(true);
    }
  }
  expect(npm).toBeGreaterThan(20);
});

test("a job may write only where it says so here, everything else only reads", () => {
  const allowed: Record<string, Record<string, string>> = {
    "docs due": { contents: "read", actions: "read", pages: "read" },
    "docs publish": { contents: "read", pages: "write", "id-token": "write" },
    "contracts keep": { contents: "write" },
    "contracts comment": { "pull-requests": "write" },
    "producer image": { contents: "read", packages: "write" },
    "consumer image": { contents: "read", packages: "write" },
    "release release": { contents: "write", packages: "write" },
  };
  for (const name of workflowNames) {
    const { permissions, jobs } = workflow(name);
    expect(permissions, name).toEqual({ contents: "read" });
    for (const [job, { permissions: own }] of Object.entries(jobs)) {
      expect(own, `${name} ${job}`).toEqual(allowed[`${name} ${job}`]);
    }
  }
});

test("each service's suite runs once on each supported Node, for a push", () => {
  const [setup] = [parse(textOf(setupFile)).inputs["node-version"].default];
  const ci = workflow("ci");
  expect(ci.jobs["everything"]?.steps.at(-1)?.run).toBe(".ci/run");
  expect(ci.jobs["everything"]?.steps.at(-2)?.with).toBeUndefined();
  for (const service of ["producer", "consumer"]) {
    const runtimes = [setup];
    for (const name of workflowNames.filter((one) => workflow(one).on["push"] !== undefined)) {
      for (const { strategy, steps, defaults } of Object.values(workflow(name).jobs)) {
        const folder = defaults?.run?.["working-directory"] ?? ".";
        const suites = steps.filter(({ run = "" }) =>
          folder === service ? run === "npm test" : new RegExp(`npm test($| -- .*${service})`).test(run)
        );
        if (folder === service || folder === ".") runtimes.push(...suites.flatMap(() => strategy?.matrix.node ?? []));
      }
    }
    expect(runtimes).toEqual(["20.19", "22", "24"]);
  }
});
