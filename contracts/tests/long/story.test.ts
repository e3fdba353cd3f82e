import { execFile } from "node:child_process";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "../../src/deploy/git.ts";
import { applyEdit, type Edit, replace, set } from "../../src/mutate/edit.ts";
import { copyProject, type ProjectCopy } from "../../src/mutate/project-copy.ts";

const root = new URL("../../..", import.meta.url).pathname;
const cli = new URL("../../src/cli.ts", import.meta.url).pathname;
const tsx = new URL("../../node_modules/tsx/dist/cli.mjs", import.meta.url).pathname;

const P = "asyncapi.yaml";
const C = "consumer/asyncapi.yaml";
const booking = "producer/src/domain/book-appointment.ts";
const pactTest = "consumer/tests/contract/analytics.pact.test.ts";
const reads = "/operations/analytics/x-reads/appointmentCreated";

const describesRoom = set(P, "/components/schemas/AppointmentCreated/properties/payload/properties/room", {
  type: "string",
  description: "Where the visit takes place.",
});
const readsRoom = set(C, `${reads}/5`, "payload.room");
const expectsRoom = replace(
  pactTest,
  "required: { doctorId, appointmentDate },",
  'required: { doctorId, appointmentDate },\n      optional: { room: MatchersV3.string("12") },',
);
const importsMatchers = replace(
  pactTest,
  'import { expect } from "vitest";',
  'import { MatchersV3 } from "@pact-foundation/pact";\nimport { expect } from "vitest";',
);
const sendsRoom = replace(
  booking,
  "        patientEmail,\n        doctorId,\n",
  '        patientEmail,\n        room: "12",\n        doctorId,\n',
);

let copy: ProjectCopy;
beforeAll(() => {
  copy = copyProject(root);
  // The consumer of this story follows the document of the working tree, and nothing was deployed or verified yet.
  git(copy.root, ["rm", "-r", "--quiet", "--ignore-unmatch", "consumer/contract.lock", "contracts/deployments"]);
  git(copy.root, ["rm", "-r", "--quiet", "--ignore-unmatch", "contracts/verifications"]);
});
afterAll(() => copy.remove());

function contracts(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [tsx, cli, ...args, "--root", copy.root], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

/** Edits and commits; answers the versions of both services. */
function commit(...edits: Edit[]): { producer: string; consumer: string } {
  for (const edit of edits) applyEdit(copy.root, edit);
  git(copy.root, ["add", "--all"]);
  git(copy.root, ["commit", "--quiet", "--allow-empty", "--message=change"]);
  const version = (service: string) => git(copy.root, ["rev-parse", `HEAD:${service}`]);
  return { producer: version("producer"), consumer: version("consumer") };
}

/** Commits what follows from changed documents and contract tests. */
async function regenerate(): Promise<{ producer: string; consumer: string }> {
  for (const command of ["generate", "pact"]) {
    const { code, output } = await contracts(command);
    expect(code, output).toBe(0);
  }
  return commit();
}

async function prove(expected: 0 | 1): Promise<string> {
  const { code, output } = await contracts("prove");
  expect(code, output).toBe(expected);
  expect(output).toContain("interactions verified from the wire");
  return output;
}

async function mayDeploy(participant: string, version: string, expected: "yes" | "no"): Promise<string> {
  const args = ["--participant", participant, "--version", version, "--to", "production"];
  const { code, output } = await contracts("can-i-deploy", ...args);
  expect(output).toContain(`Computer says ${expected}`);
  expect(code).toBe(expected === "yes" ? 0 : 1);
  return output;
}

async function deploy(participant: string, version: string): Promise<void> {
  await mayDeploy(participant, version, "yes");
  const args = ["--participant", participant, "--version", version, "--to", "production"];
  expect((await contracts("record-deployment", ...args)).code).toBe(0);
}

test(
  "a field can be needed only after it is sent, and dropped only after nobody that is deployed reads it",
  async () => {
    const first = commit();
    const start = git(copy.root, ["rev-parse", "HEAD"]);
    await prove(0);
    await deploy("producer", first.producer);
    await deploy("consumer", first.consumer);

    // The consumer starts to need the room of a visit; the producer has heard of it, but does not send it.
    commit(describesRoom, readsRoom, expectsRoom, importsMatchers);
    const needs = await regenerate();
    expect(await prove(1)).toContain("appointment-analytics-appointment-producer.json");
    expect(await mayDeploy("consumer", needs.consumer, "no")).toContain(
      `There is no verified pact between version ${needs.consumer} of appointment-analytics and the version of ` +
        `appointment-producer currently in production (${first.producer})`,
    );
    await mayDeploy("audit", needs.consumer, "yes");
    await deploy("producer", needs.producer);
    expect(await mayDeploy("consumer", needs.consumer, "no")).toContain(
      `The verification for the pact between version ${needs.consumer} of appointment-analytics and the version of ` +
        `appointment-producer currently in production (${needs.producer}) failed`,
    );

    const sends = commit(sendsRoom);
    expect(sends.consumer).toBe(needs.consumer);
    await prove(0);
    await mayDeploy("consumer", needs.consumer, "no");
    await deploy("producer", sends.producer);
    await deploy("consumer", needs.consumer);

    // Both sides drop it in one commit: the new consumer has to go first.
    git(copy.root, ["checkout", "--quiet", start, "--", P, C, booking, pactTest]);
    const drops = await regenerate();
    expect(await prove(0)).toContain(`version ${needs.consumer} in production`);
    expect(await mayDeploy("producer", drops.producer, "no")).toContain(
      `The verification for the pact between the version of appointment-analytics currently in production ` +
        `(${needs.consumer}) and version ${drops.producer} of appointment-producer failed`,
    );
    await deploy("consumer", drops.consumer);
    await deploy("producer", drops.producer);
  },
  1_200_000,
);
