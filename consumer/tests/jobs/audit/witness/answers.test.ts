import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { randomBytes } from "node:crypto";
import { signerOf } from "../../../../src/jobs/audit/signed-note.ts";
import { createAuthority } from "../../../support/certificates.ts";
import { createWitnessHarness, patiently, type WitnessHarness } from "./witness-harness.ts";

let harness: WitnessHarness;

beforeAll(async () => {
  harness = await createWitnessHarness();
});
afterAll(() => harness.audit.drop());
beforeEach(() => harness.empty());

test.each([
  [403, "the witness answered 403: it does not trust the key of AUDIT_SIGNING_KEY"],
  [404, "the witness answered 404: it does not know this log"],
  [400, "the witness answered 400: it can't read the request"],
])("an answer %d is told as what it is", async (status, reason) => {
  harness.witness.intercept = () => ({ status });
  harness.startWorker();
  await harness.add(1);
  await expect.poll(harness.problems, patiently).toEqual([reason]);
});

test("a log that the witness does not know, or knows under another key, is told", async () => {
  const { signer } = harness.audit.checkpoints;
  harness.audit.checkpoints.signer = signerOf(signer.name, randomBytes(32));
  onTestFinished(() => void (harness.audit.checkpoints.signer = signer));
  harness.startWorker();
  await harness.add(1);
  await expect.poll(harness.problems, patiently).toEqual([expect.stringContaining("answered 403")]);
});

test("a redirect is not followed", async () => {
  const elsewhere = await harness.startWitness();
  harness.witness.intercept = () => ({ status: 307, headers: { location: `${elsewhere.url}/add-checkpoint` } });
  harness.startWorker();
  await harness.add(1);
  await expect.poll(harness.problems, patiently).toEqual(["the witness answered 307: a redirect is not followed"]);
  expect(elsewhere.asked).toEqual([]);
});

test.each([
  [
    "of another key",
    (line: string) => line.replace(/ \S+\n$/, ` ${randomBytes(76).toString("base64")}\n`),
    "without a cosignature",
  ],
  ["that is none", () => "anything\n", "without a cosignature"],
  ["without an end", () => "x".repeat(100_000), "longer than"],
])("a cosignature %s is not taken", async (_, forge, reason) => {
  const honest = await harness.startWitness();
  harness.witness.intercept = () => ({ status: 200, body: forge(`— ${honest.verifier.name} AAAA\n`) });
  harness.startWorker();
  await harness.add(1);
  await expect.poll(harness.problems, patiently).toEqual([expect.stringContaining(reason)]);
  expect(await harness.cosigned()).toBeUndefined();
});

test("it is spoken to by TLS, where its authority is trusted", async () => {
  const authority = createAuthority();
  harness.witness = await harness.startWitness(authority.issue());
  await harness.add(1);
  harness.startWorker();
  await expect.poll(harness.problems, patiently).toEqual([expect.stringMatching(/can't be reached: .*certificate/)]);
  harness.startWorker(authority.ca);
  await expect.poll(harness.cosigned, patiently).toBe(1);
});
