import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { git } from "../../src/deploy/git.ts";
import { serviceVersion } from "../../src/deploy/service-version.ts";
import { writeVerification } from "../../src/deploy/verifications.ts";
import { loadDeployability } from "../../site/load/deployments.ts";
import { loadModel, type Model } from "../../site/load/model.ts";
import { jobPage } from "../../site/pages/job.tsx";
import { render, sectionOf, textOf } from "./site/render.ts";

const root = new URL("../../..", import.meta.url).pathname;
let model: Model;
let history: string;

const audit = () => model.jobs.find(({ name }) => name === "audit")!;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(history, path)), { recursive: true });
  writeFileSync(join(history, path), text);
}

/** A commit that changes both services, verified in what it holds. Returns its versions. */
function commitVerified(content: string, success = true): { producer: string; consumer: string } {
  write("producer/a.txt", content);
  write("consumer/a.txt", content);
  git(history, ["add", "--all"]);
  git(history, ["commit", "--quiet", `--message=Change to ${content}`]);
  const versions = { producer: serviceVersion(history, "producer"), consumer: serviceVersion(history, "consumer") };
  const result = { interactions: 3, pact: "0".repeat(64), success };
  writeVerification(history, { ...versions, results: { "appointment-audit": result } });
  return versions;
}

beforeAll(async () => {
  model = await loadModel(root);
  history = mkdtempSync(join(tmpdir(), "history-"));
  git(history, ["init", "--quiet", "--initial-branch=main"]);
  git(history, ["config", "user.name", "site"]);
  git(history, ["config", "user.email", "site@example.org"]);
  write("contracts/pacts/appointment-audit-appointment-producer.json", "{}");
});

afterAll(() => rmSync(history, { recursive: true, force: true }));

describe("the verification on a job's page", () => {
  test("is the newest that the job passed, whatever the order of the hashes, with the revision that holds it", () => {
    const verified = ["one", "two", "three", "four"].map((content) => commitVerified(content));
    commitVerified("broken", false);
    const newest = verified.at(-1)!;
    // By their hashes, and so by the names of their files, another would be the last.
    expect(verified.map(({ producer }) => producer).toSorted().at(-1)).not.toBe(newest.producer);

    const page = render(jobPage(model, audit(), loadDeployability(history, [])));
    const shown = textOf(sectionOf(page, "verification"));
    expect(shown).toContain(`Producer ${newest.producer.slice(0, 12)} commit `);
    expect(shown).toContain(`Consumer ${newest.consumer.slice(0, 12)} commit `);
    const commit = git(history, ["rev-parse", "--short=7", "HEAD~1"]);
    expect(shown).toContain(`commit ${commit} of`);
    expect(shown).toContain("Later changes have not been verified yet.");
  });

  test("says so where there is none", () => {
    const gate = { ...loadDeployability(history, []), verifications: [] };
    expect(textOf(sectionOf(render(jobPage(model, audit(), gate)), "verification"))).toContain(
      "None has been recorded",
    );
  });
});

describe("the queues on a job's page", () => {
  interface Queue {
    name: string;
    arguments: Record<string, string | number>;
  }

  test("are all that the broker's definitions have for the job, each with all of its arguments", () => {
    const { queues } = JSON.parse(readFileSync(join(root, "deploy/rabbitmq/definitions.json"), "utf8")) as {
      queues: Queue[];
    };
    const page = render(jobPage(model, audit(), loadDeployability(history, [])));
    const own = queues.filter(({ name }) => /^apt\.audit\./.test(name));
    expect(own).toHaveLength(6);
    for (const queue of own) {
      const kind = queue.name.includes(".retry.") ? "retries" : queue.name.endsWith(".dlq") ? "dead-letters" : "queue";
      const section = textOf(sectionOf(page, kind));
      expect(section).toContain(queue.name);
      for (const [name, value] of Object.entries(queue.arguments)) {
        const beside = name === "x-message-ttl" ? `${queue.name} ${value}` : `${name} ${value}`;
        expect(section, queue.name).toContain(beside);
      }
    }
  });
});
