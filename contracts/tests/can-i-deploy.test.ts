import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readDeployments } from "../src/deploy/deployments.ts";
import { readVerifications, writeVerification } from "../src/deploy/verifications.ts";
import { createTemporaryProject, type TemporaryProject } from "./support/temporary-project.ts";

// Each test starts the command line several times.
vi.setConfig({ testTimeout: 120_000 });

const jobs = ["appointment-audit", "appointment-notifications"];
let project: TemporaryProject;
let producer: string;
let consumer: string;

beforeEach(() => {
  project = createTemporaryProject();
  for (const job of jobs) project.write(`contracts/pacts/${job}-appointment-producer.json`, "{}");
  project.write("producer/src/main.ts", "first");
  project.write("consumer/src/main.ts", "first");
  producer = project.commit("producer");
  consumer = project.commit("consumer");
});
afterEach(() => project.close());

function verify(producer: string, consumer: string, success: boolean, pact = "same"): void {
  const result = { interactions: 1, pact, success };
  writeVerification(project.root, {
    producer,
    consumer,
    results: Object.fromEntries(jobs.map((job) => [job, result])),
  });
}

function ask(participant: string, ...more: string[]) {
  return project.contracts("can-i-deploy", "--participant", participant, "--to", "production", ...more);
}

function deploy(participant: string, ...more: string[]) {
  return project.contracts("record-deployment", "--participant", participant, "--to", "production", ...more);
}

test("the first producer may go to an empty environment, the first consumer may not go before it", async () => {
  verify(producer, consumer, true);
  project.commit("producer");
  expect(await ask("producer")).toMatchObject({ code: 0, output: expect.stringContaining("Computer says yes \\o/") });
  const answer = await ask("consumer");
  expect(answer.code).toBe(1);
  expect(answer.output).toContain("Computer says no ¯\\_(ツ)_/¯");
  expect(answer.output).toContain(
    `There is no verified pact between version ${consumer} of appointment-audit and a version of appointment-producer ` +
      "currently in production (no version is currently recorded as deployed/released in this environment)",
  );
});

test("a no to the first consumer says how to get to a yes, and that way leads there", async () => {
  const before = await ask("consumer");
  expect(before.code).toBe(1);
  expect(before.output).toContain("No producer is recorded in production, and a consumer needs one there");
  expect(before.output).toContain("npm run contracts -- prove");
  verify(producer, consumer, true);
  project.commit("producer");
  const { output } = await ask("consumer");
  expect(output).toContain("The last answer will be yes: the two were verified with each other.");
  const steps = [...output.matchAll(/^ {2}npm run contracts -- (.*)$/gm)].map(([, args = ""]) => args.split(" "));
  expect(steps.map(([command]) => command)).toEqual(["can-i-deploy", "record-deployment", "can-i-deploy"]);
  for (const args of steps) {
    expect((await project.contracts(...args)).code, args.join(" ")).toBe(0);
    project.commit("producer");
  }
});

test("--first asks whether the consumer may follow the producer of HEAD, and changes nothing once one is there", async () => {
  expect((await ask("consumer", "--first")).code).toBe(1);
  verify(producer, consumer, true);
  const answer = await ask("consumer", "--first");
  expect(answer.code).toBe(0);
  expect(answer.output).toContain(`version ${producer} of it has to be deployed there first`);
  await deploy("producer", "--version", producer);
  project.write("consumer/src/main.ts", "second");
  project.commit("consumer");
  expect((await ask("consumer", "--first")).code).toBe(1);
});

test("a verified pair may be deployed, and its verification file leaves both versions as they are", async () => {
  verify(producer, consumer, true);
  expect(project.commit("consumer")).toBe(consumer);
  expect(await deploy("producer")).toMatchObject({ code: 0 });
  expect(await ask("consumer", "--version", consumer)).toMatchObject({ code: 0 });
  expect(await ask("audit", "--version", consumer)).toMatchObject({ code: 0 });
  expect(await ask("appointment-audit", "--version", consumer)).toMatchObject({ code: 0 });
});

test("a failed verification says no in both directions", async () => {
  await deploy("producer");
  await deploy("consumer");
  project.write("producer/src/main.ts", "second");
  const second = project.commit("producer");
  verify(second, consumer, false);
  const answer = await ask("producer");
  expect(answer.code).toBe(1);
  expect(answer.output).toContain(
    `The verification for the pact between the version of appointment-audit currently in production (${consumer}) and ` +
      `version ${second} of appointment-producer failed`,
  );
});

test("a producer that was never verified against the consumer that runs there may not go", async () => {
  await deploy("consumer");
  verify("0".repeat(40), consumer, true);
  expect((await ask("producer")).output).toContain(
    `There is no verified pact between the version of appointment-audit currently in production (${consumer}) and ` +
      `version ${producer} of appointment-producer`,
  );
});

test("a consumer whose pacts did not change needs no new verification with the producer that runs there", async () => {
  verify(producer, consumer, true);
  await deploy("producer");
  project.write("consumer/src/main.ts", "second");
  const second = project.commit("consumer");
  expect(await ask("consumer")).toMatchObject({ code: 1 });
  verify("1".repeat(40), second, true);
  expect(await ask("consumer", "--version", second)).toMatchObject({ code: 0 });
});

test("a consumer whose pacts changed does need one", async () => {
  verify(producer, consumer, true);
  await deploy("producer");
  project.write("consumer/src/main.ts", "second");
  const second = project.commit("consumer");
  verify("1".repeat(40), second, true, "other");
  expect(await ask("consumer", "--version", second)).toMatchObject({ code: 1 });
});

test("one job may be deployed alone, and only what runs there counts", async () => {
  await deploy("audit");
  verify(producer, consumer, true);
  const [known] = readVerifications(project.root);
  if (!known) throw new Error("nothing recorded");
  const failed = { interactions: 1, pact: "same", success: false };
  writeVerification(project.root, { ...known, results: { ...known.results, "appointment-notifications": failed } });
  expect(await ask("producer", "--version", producer)).toMatchObject({ code: 0 });
  await deploy("notifications", "--version", consumer);
  expect(await ask("producer", "--version", producer)).toMatchObject({ code: 1 });
});

test("a job that the deployed consumer no longer has does not hold up the producer, until it is back", async () => {
  verify(producer, consumer, true);
  await deploy("consumer");
  const remaining = { "appointment-audit": { interactions: 1, pact: "same", success: true } };
  project.remove("contracts/pacts/appointment-notifications-appointment-producer.json");
  project.write("producer/src/main.ts", "second");
  project.write("consumer/src/main.ts", "second");
  const without = project.commit("consumer");
  const second = project.commit("producer");
  writeVerification(project.root, { producer: second, consumer: without, results: remaining });
  project.commit("consumer");
  expect((await ask("producer")).code).toBe(1);

  const deployed = await deploy("consumer");
  expect(deployed.output).toContain("appointment-notifications no longer runs in production");
  expect(readDeployments(project.root, "production")).toEqual({ "appointment-audit": without });
  expect((await ask("producer")).code).toBe(0);

  expect((await ask("consumer", "--version", without)).output).not.toContain("appointment-notifications");
  await deploy("consumer", "--version", consumer);
  expect(readDeployments(project.root, "production")).toEqual({
    "appointment-audit": consumer,
    "appointment-notifications": consumer,
  });
});

test("uncommitted changes have no version, and the answer names them", async () => {
  project.write("consumer/src/new.ts", "uncommitted");
  const answer = await ask("consumer");
  expect(answer.code).toBe(1);
  expect(answer.output).toContain("consumer/ has uncommitted changes");
  expect(answer.output).toContain("consumer/src/new.ts");
});

test("a deployment of something that git does not know is refused", async () => {
  const answer = await deploy("producer", "--version", "f".repeat(40));
  expect(answer).toMatchObject({ code: 1 });
  expect(answer.output).toContain("is not the tree hash of a folder in this repository");
});

test("an unknown participant and a missing option are wrong usage", async () => {
  expect(await ask("nobody")).toMatchObject({ code: 2 });
  expect(await project.contracts("can-i-deploy", "--participant", "audit")).toMatchObject({ code: 2 });
});
