import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import type { Command } from "../src/command.ts";
import { loadAll } from "../src/commands.ts";
import { folderWith, ROOT } from "./support/project.ts";
import { type Job, script, stepsOf, workflow, workflowNames } from "./support/workflows.ts";

const contracts = workflow("contracts");
const services = { producer: workflow("producer"), consumer: workflow("consumer") };

const needsOf = (job: Job | undefined) => [job?.needs ?? []].flat();

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

  it("compares the first push of a repository with itself, and any other with what main was before", () => {
    const folder = clonedFrom(remoteWith());
    const npm = join(folderWith({ npm: '#!/bin/sh\necho "$@"\n' }), "npm");
    chmodSync(npm, 0o755);
    const compared = (base: string) =>
      bash(script(contracts.jobs["diff"], "What changed"), folder, {
        BASE: base,
        PATH: `${dirname(npm)}:${process.env["PATH"]}`,
      });
    expect(compared("0".repeat(40))).toContain("run contracts -- diff HEAD --check-version");
    const head = git(folder, "rev-parse", "HEAD");
    expect(compared(head)).toContain(`run contracts -- diff ${head} --check-version`);
  });
});

describe("what a workflow records", () => {
  it("is pushed although main has moved", () => {
    const remote = remoteWith();
    const runner = clonedFrom(remote);
    commit(clonedFrom(remote), "README.md", "main has moved");
    write(runner, "contracts/verifications/b.json", "2");
    bash(`${ROOT}/.github/push-records.sh "Record it" contracts/verifications`, runner);
    const now = clonedFrom(remote);
    expect(existsSync(join(now, "contracts/verifications/b.json"))).toBe(true);
    expect(readFileSync(join(now, "README.md"), "utf8")).toBe("main has moved");
    expect(bash(`${ROOT}/.github/push-records.sh "Record it" contracts/verifications`, now)).toContain("nothing new");
  });

  it("is every verification on main, and every deployment, after the gate's answer and the image", () => {
    expect(script(contracts.jobs["keep"], "Commit")).toMatch(/push-records\.sh ".*" contracts\/verifications/);
    const { jobs: { release } } = workflow("release");
    const runs = release?.steps.flatMap(({ run }) => run ?? []) ?? [];
    expect(runs.map((run) => /can-i-deploy|imagetools|record-deployment/.exec(run)?.[0])).toEqual([
      "can-i-deploy",
      "imagetools",
      "record-deployment",
    ]);
    expect(runs.at(-1)).toMatch(/push-records\.sh ".*" contracts\/deployments/);
    expect(runs.join("\n")).not.toMatch(/\|\| true|--first/);
  });
});

describe("the documentation", () => {
  const isDue = (commit: string, folder: string, answers: { red?: string; pages?: boolean } = {}) => {
    const { red = "", pages = true } = answers;
    const gh = `#!/bin/sh\n[ "$1" = run ] && printf '%s' '${red}'\n[ "$1" = run ] || exit ${pages ? 0 : 1}\n`;
    const path = join(folderWith({ gh }), "gh");
    chmodSync(path, 0o755);
    return bash(`${ROOT}/.github/documentation-due.sh ${commit}`, folder, {
      GH_REPO: "clinic/visits",
      PATH: `${dirname(path)}:${process.env["PATH"]}`,
    });
  };

  it("is published after a push of which every workflow is green, and not by hand", () => {
    const { on, jobs } = workflow("docs");
    expect(Object.keys(on)).toEqual(["workflow_run"]);
    const pushed = workflowNames.filter((name) => workflow(name).on["push"] !== undefined);
    expect(on["workflow_run"]?.workflows?.toSorted()).toEqual(pushed.map((name) => workflow(name).name).toSorted());
    expect(on["workflow_run"]?.branches).toEqual(["main"]);
    expect(jobs["publish"]?.if).toBe("needs.due.outputs.publish == 'true'");
    const folder = clonedFrom(remoteWith());
    const head = git(folder, "rev-parse", "HEAD");
    expect(isDue(head, folder)).toBe("publish=true\n");
    expect(isDue(head, folder, { red: "producer" })).toBe("publish=false\n");
    expect(isDue(head, folder, { pages: false })).toBe("publish=false\n");
  });

  it("is that of main with what workflows have recorded since, and of no commit that main has left behind", () => {
    const remote = remoteWith();
    const folder = clonedFrom(remote);
    const pushed = git(folder, "rev-parse", "HEAD");
    commit(clonedFrom(remote), "contracts/deployments/production.json", "{}");
    expect(isDue(pushed, folder)).toBe("publish=true\n");
    commit(clonedFrom(remote), "README.md", "another push");
    expect(isDue(pushed, folder)).toBe("publish=false\n");
  });
});

describe.each(Object.entries(services))("the workflow of the %s", (service, { jobs }) => {
  it("pushes no image of a version that may not be deployed", () => {
    expect(needsOf(jobs.image)).toEqual(["test", "may-deploy"]);
    const question = `npm run contracts -- can-i-deploy --participant ${service} --to production --first`;
    expect(jobs["may-deploy"]?.steps.at(-1)?.run).toBe(question);
  });

  it("names the image without capitals, and by the version that is recorded", () => {
    const output = join(folderWith({ "output": "" }), "output");
    bash(script(jobs.image, "Name the image"), ROOT, { GITHUB_REPOSITORY: "Clinic/Visits", GITHUB_OUTPUT: output });
    const version = git(ROOT, "rev-parse", `HEAD:${service}`);
    expect(readFileSync(output, "utf8")).toBe(`name=ghcr.io/clinic/visits/${service}\nversion=${version}\n`);
    const build = jobs["image"]?.steps.find(({ uses }) => uses?.startsWith("docker/build-push-action@"));
    expect(build?.with?.["tags"]).toContain("${{ steps.image.outputs.version }}");
  });
});

describe("every workflow", () => {
  let commands: Record<string, Command>;
  beforeAll(async () => commands = await loadAll());

  it("calls contract commands that exist, with options that they have", () => {
    const calls = workflowNames.map(workflow).flatMap(stepsOf)
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

/** A repository with one commit on main. */
function remoteWith(): string {
  const remote = folderWith({});
  git(remote, "init", "--quiet", "--bare", "--initial-branch=main");
  commit(clonedFrom(remote), "contracts/verifications/a.json", "1");
  return remote;
}

function clonedFrom(remote: string): string {
  const folder = folderWith({});
  git(folder, "clone", "--quiet", remote, ".");
  return folder;
}

function git(folder: string, ...args: string[]): string {
  const asTester = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  return execFileSync("git", [...asTester, ...args], { cwd: folder, stdio: "pipe", encoding: "utf8" }).trim();
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

/** As GitHub runs a step. Answers what it printed. */
function bash(script: string, cwd: string, env: Record<string, string> = {}): string {
  return execFileSync("bash", ["-e", "-c", script], {
    cwd,
    env: { ...process.env, ...env },
    stdio: "pipe",
    encoding: "utf8",
  });
}
