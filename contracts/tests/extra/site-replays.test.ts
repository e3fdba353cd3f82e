import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { serviceVersion } from "../../src/deploy/service-version.ts";
import { readRelease, releaseVersions } from "../../src/release/release.ts";
import { copyProject, type ProjectCopy } from "../../src/mutate/project-copy.ts";
import { readReplays, replaysFile } from "../../site/load/replays.ts";
import { recordReplays } from "../../site/record-replays.ts";

const root = new URL("../../..", import.meta.url).pathname;
let copy: ProjectCopy;

beforeAll(() => {
  copy = copyProject(root);
  rmSync(join(copy.root, replaysFile), { force: true });
});

afterAll(() => copy?.remove());

test("the golden messages of every release are replayed, and what came of it is kept with both versions", async () => {
  await recordReplays(copy.root);
  const versions = releaseVersions(copy.root);
  const recorded = readReplays(copy.root)!;
  expect(recorded).toMatchObject({
    producer: serviceVersion(copy.root, "producer"),
    consumer: serviceVersion(copy.root, "consumer"),
  });
  expect(recorded.replays.map(({ release }) => release)).toEqual(versions);
  for (const { release, intoConsumer, intoRelease } of recorded.replays) {
    const { messages } = readRelease(copy.root, release);
    expect(intoConsumer).toEqual({ understood: messages.length, of: messages.length, problems: [] });
    expect(intoRelease.of).toBeGreaterThan(0);
  }
  expect(readFileSync(join(copy.root, replaysFile), "utf8")).toMatch(/\}\n$/);
});

test("the site that is published has the replays of its own revision", () => {
  const { jobs } = parse(readFileSync(join(root, ".github/workflows/docs.yml"), "utf8"));
  const steps: { run?: string; uses?: string; with?: Record<string, unknown> }[] = jobs.publish.steps;
  expect(steps.filter(({ run }) => run).map(({ run }) => run)).toEqual(["npm run docs -- --replay"]);
  const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout"));
  expect(checkout?.with).toEqual({ ref: "main", "fetch-depth": 0 });
});

test("nothing is recorded of services that are not committed, since those have no version", async () => {
  appendFileSync(join(copy.root, "consumer/package.json"), "\n");
  await expect(recordReplays(copy.root)).rejects.toThrow(
    "Cannot record the replays: commit consumer/package.json first",
  );
});
