import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { writeVerification } from "../src/deploy/verifications.ts";
import { type BrokerStandIn, startBrokerStandIn } from "./support/broker-stand-in.ts";
import { createTemporaryProject, type TemporaryProject } from "./support/temporary-project.ts";

// Each test starts the command line several times.
vi.setConfig({ testTimeout: 120_000 });

let project: TemporaryProject;
let broker: BrokerStandIn;
let producer: string;
let consumer: string;

function pactOf(job: string): string {
  return JSON.stringify({
    consumer: { name: job },
    provider: { name: "appointment-producer" },
    interactions: [],
    metadata: { pactSpecification: { version: "4.0" } },
  });
}

beforeEach(async () => {
  broker = await startBrokerStandIn();
  project = createTemporaryProject();
  for (const job of ["appointment-audit", "appointment-calendar"]) {
    project.write(`contracts/pacts/${job}-appointment-producer.json`, pactOf(job));
  }
  project.write("producer/src/main.ts", "first");
  project.write("consumer/src/main.ts", "first");
  producer = project.commit("producer");
  consumer = project.commit("consumer");
});
afterEach(async () => {
  project.close();
  await broker.close();
});

function record(calendar: boolean): void {
  const result = { interactions: 1, pact: "sha" };
  writeVerification(project.root, {
    producer,
    consumer,
    results: {
      "appointment-audit": { ...result, success: true },
      "appointment-calendar": { ...result, success: calendar },
    },
  });
}

function contracts(command: string, ...args: string[]) {
  return project.contracts(command, ...args, "--broker", broker.url);
}

test("publishes every pact with the version and the branch, and says yes once all results are good", async () => {
  record(true);
  expect(await contracts("publish", "--branch", "feature")).toMatchObject({
    code: 0,
    output: expect.stringContaining(`2 pacts of version ${consumer} and 2 results published`),
  });
  // Pact's command publishes them in no order of its own.
  expect(broker.pacts.map(({ consumer: name, version, branch }) => [name, version, branch]).toSorted()).toEqual([
    ["appointment-audit", consumer, "feature"],
    ["appointment-calendar", consumer, "feature"],
  ]);

  const early = await contracts("can-i-deploy", "--participant", "consumer", "--to", "production");
  expect(early).toMatchObject({ code: 1, output: expect.stringContaining("Computer says no") });

  expect(await contracts("record-deployment", "--participant", "producer", "--to", "production")).toMatchObject({
    code: 0,
  });
  const answer = await contracts("can-i-deploy", "--participant", "consumer", "--to", "production");
  expect(answer.output).toContain("Computer says yes \\o/");
  expect(answer.code).toBe(0);
});

test("the consumer may not go when one of its pacts failed, while another job may", async () => {
  record(false);
  await contracts("publish");
  await contracts("record-deployment", "--participant", "producer", "--to", "production");
  const answer = await contracts("can-i-deploy", "--participant", "consumer", "--to", "production");
  expect(answer.code).toBe(1);
  expect(answer.output).toContain(`version ${consumer} of appointment-calendar can't be deployed to production`);
  expect(answer.output).not.toContain(`version ${consumer} of appointment-audit can't be deployed`);
  expect(await contracts("can-i-deploy", "--participant", "audit", "--to", "production")).toMatchObject({ code: 0 });
});

test("a provider that breaks a deployed consumer is refused", async () => {
  record(false);
  await contracts("publish");
  await contracts("record-deployment", "--participant", "consumer", "--to", "production");
  expect(await contracts("can-i-deploy", "--participant", "producer", "--to", "production")).toMatchObject({ code: 1 });
});

test.each(["", "/"])(
  "a broker below a path gets everything below that path, called with a last slash or not: %j",
  async (slash) => {
    await broker.close();
    broker = await startBrokerStandIn("/pacts-of/clinic");
    record(true);
    const published = await project.contracts("publish", "--broker", `${broker.url}${slash}`);
    expect(published.output).toContain("2 pacts of version");
    expect(published).toMatchObject({ code: 0, output: expect.stringContaining("2 results published") });
  },
);

test("a commit without a branch is published without one, or with the one that GitHub names", async () => {
  for (const name of ["GITHUB_HEAD_REF", "GITHUB_REF_NAME", "GITHUB_REF_TYPE"]) vi.stubEnv(name, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  project.detach();
  expect((await contracts("publish")).code).toBe(0);
  expect(broker.pacts.map(({ branch }) => branch)).toEqual([undefined, undefined]);
  vi.stubEnv("GITHUB_HEAD_REF", "room-of-a-visit");
  expect((await contracts("publish")).code).toBe(0);
  expect(broker.pacts.slice(2).map(({ branch }) => branch)).toEqual(["room-of-a-visit", "room-of-a-visit"]);
});

test("pacts that are not committed are not published", async () => {
  project.write("contracts/pacts/appointment-audit-appointment-producer.json", `${pactOf("appointment-audit")}\n`);
  const answer = await contracts("publish");
  expect(answer.code).toBe(1);
  expect(answer.output).toContain("contracts/pacts/appointment-audit-appointment-producer.json: is not committed");
  expect(broker.pacts).toEqual([]);
});
