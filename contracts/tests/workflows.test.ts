import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Command } from "../src/command.ts";
import { loadAll } from "../src/commands.ts";
import { folderWith, ROOT } from "./support/project.ts";

interface Step {
  name?: string;
  uses?: string;
  run?: string;
}
interface Job {
  needs?: string | string[];
  if?: string;
  "continue-on-error"?: unknown;
  steps: Step[];
}

const workflow = (name: string): { jobs: Record<string, Job> } =>
  parse(readFileSync(join(ROOT, ".github/workflows", `${name}.yml`), "utf8"));
const contracts = workflow("contracts");
const services = { producer: workflow("producer"), consumer: workflow("consumer") };

const needsOf = (job: Job | undefined) => [job?.needs ?? []].flat();
const stepsOf = ({ jobs }: { jobs: Record<string, Job> }) => Object.values(jobs).flatMap(({ steps }) => steps);

function script(job: Job | undefined, name: string): string {
  const step = job?.steps.find((one) => one.name?.startsWith(name));
  if (step?.run === undefined) throw new Error(`no step is called ${name}`);
  return step.run;
}

describe("the contracts workflow", () => {
  it("goes from the consumer's tests by prove, agree and diff to can-i-deploy", () => {
    const order = ["consumer-tests", "prove", "agree", "diff", "can-i-deploy"];
    for (const [index, name] of order.slice(1).entries()) {
      expect(needsOf(contracts.jobs[name])).toContain(order[index]);
    }
  });

  it("keeps the gate's answer on main", () => {
    const gate = contracts.jobs["can-i-deploy"];
    expect(gate?.steps.map(({ run }) => run).join("\n")).not.toMatch(/\|\| true|\| tee/);
    expect(gate?.["continue-on-error"]).toBe("${{ github.event_name == 'pull_request' }}");
  });

  it("comments on no pull request of a fork, whose token may not", () => {
    expect(contracts.jobs.comment?.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
    expect(contracts.jobs.comment?.if).not.toMatch(/\n$/); // with one, GitHub takes it for a text, which is true
  });

  it("keeps what was verified although main has moved, and says so to whoever publishes the documentation", () => {
    const remote = folderWith({});
    git(remote, "init", "--quiet", "--bare", "--initial-branch=main");
    const clone = () => {
      const folder = folderWith({});
      git(folder, "clone", "--quiet", remote, ".");
      return folder;
    };
    commit(clone(), "contracts/verifications/a.json", "1");
    const runner = clone();
    commit(clone(), "README.md", "main has moved");
    write(runner, "contracts/verifications/b.json", "2");
    const output = join(folderWith({ "output": "" }), "output");
    bash(script(contracts.jobs.keep, "Commit and push"), runner, { GITHUB_OUTPUT: output });
    const now = clone();
    expect(existsSync(join(now, "contracts/verifications/b.json"))).toBe(true);
    expect(readFileSync(join(now, "README.md"), "utf8")).toBe("main has moved");
    expect(readFileSync(output, "utf8")).toBe("pushed=true\n");
  });
});

describe.each(Object.entries(services))("the workflow of the %s", (service, { jobs }) => {
  it("pushes no image of a version that may not be deployed", () => {
    expect(needsOf(jobs.image)).toEqual(["test", "may-deploy"]);
    const question = `npm run contracts -- can-i-deploy --participant ${service} --to production`;
    expect(jobs["may-deploy"]?.steps.at(-1)?.run).toBe(question);
  });

  it("names the image without capitals", () => {
    const output = join(folderWith({ "output": "" }), "output");
    bash(script(jobs.image, "Name the image"), ROOT, { GITHUB_REPOSITORY: "Clinic/Visits", GITHUB_OUTPUT: output });
    expect(readFileSync(output, "utf8")).toBe(`name=ghcr.io/clinic/visits/${service}\n`);
  });
});

describe("every workflow", () => {
  let commands: Record<string, Command>;
  beforeAll(async () => commands = await loadAll());

  it("calls contract commands that exist, with options that they have", () => {
    const calls = [contracts, ...Object.values(services)].flatMap(stepsOf)
      .flatMap(({ run = "" }) => [...run.replaceAll("\\\n", " ").matchAll(/npm run contracts -- (\S+)(.*)/g)]);
    expect(calls.length).toBeGreaterThan(10);
    for (const [call, name = "", rest = ""] of calls) {
      const { usage } = commands[name] ?? {};
      if (usage === undefined) throw new Error(`there is no command ${name}`);
      const known = ["junit", "json", ...Object.keys(usage.flags), ...Object.keys(usage.options ?? {})];
      if (usage.markdown) known.push("markdown");
      for (const [, option] of rest.matchAll(/--([a-z-]+)/g)) expect(known, call).toContain(option);
    }
  });
});

function git(folder: string, ...args: string[]): void {
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: folder, stdio: "pipe" });
}

function write(folder: string, path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function commit(folder: string, path: string, content: string): void {
  write(folder, path, content);
  git(folder, "add", ".");
  git(folder, "commit", "--quiet", "--message=next");
  git(folder, "push", "--quiet", "origin", "HEAD:main");
}

/** As GitHub runs a step. */
function bash(script: string, cwd: string, env: Record<string, string>): void {
  execFileSync("bash", ["-e", "-c", script], { cwd, env: { ...process.env, ...env }, stdio: "pipe" });
}
