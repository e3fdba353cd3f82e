import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createWitnessHarness, patiently, type WitnessHarness } from "./witness-harness.ts";

let harness: WitnessHarness;

beforeAll(async () => {
  harness = await createWitnessHarness();
});
afterAll(() => harness.audit.drop());
beforeEach(() => harness.empty());

test("each checkpoint is cosigned by the witness, with the proof that it goes on from the last one", async () => {
  harness.startWorker();
  for (const size of [3, 4, 300]) {
    await harness.add(size - (await harness.cosigned() ?? 0));
    await expect.poll(harness.cosigned, patiently).toBe(size);
  }
  expect(harness.witness.asked).toEqual([[0, 200], [3, 200], [4, 200]]);
  expect(await harness.verify()).toMatchObject({
    code: 0,
    printed: [
      expect.stringContaining("rows: 300, checkpoints: 2, waiting to be sealed: 0, cosigned by the witness: 300."),
    ],
  });
});

test("a witness that has cosigned more than is known here is caught up with", async () => {
  await harness.add(5);
  harness.startWorker();
  await expect.poll(harness.cosigned, patiently).toBe(5);
  await rm(join(harness.audit.checkpoints.folder, "cosigned.checkpoint"));
  await harness.add(7);
  await expect.poll(harness.cosigned, patiently).toBe(12);
  expect(harness.witness.asked).toContainEqual([0, 409]);
});

test("a witness that is away delays nothing, and is asked ever more rarely", async () => {
  await harness.witness.stop();
  const { gauge } = harness.startWorker();
  await harness.add(3);
  await expect.poll(harness.problems, patiently).toEqual([expect.stringContaining("the witness can't be reached")]);
  await harness.add(2);
  expect((await harness.audit.verify()).problems).toEqual([]);
  harness.now = 500;
  await expect.poll(() => gauge("audit_witness_waiting_seconds"), patiently).toBe(0.5);
  expect(harness.problems()).toHaveLength(1);
  harness.now = 1_000;
  await expect.poll(harness.problems, patiently).toHaveLength(2);
  harness.now = 2_000 - 1;
  expect(await harness.verify()).toMatchObject({
    code: 0,
    noted: expect.arrayContaining([expect.stringMatching(/^The witness could not be asked: the witness can't be/)]),
  });
  expect(harness.problems()).toHaveLength(2);
});

test("when it is back, it cosigns the last checkpoint, and a line says so", async () => {
  harness.witness.intercept = () => ({ status: 503 });
  const { gauge } = harness.startWorker();
  await harness.add(3);
  await expect.poll(harness.problems, patiently).toEqual(["the witness answered 503"]);
  await harness.add(2);
  harness.witness.intercept = undefined;
  harness.now = 10_000;
  await expect.poll(harness.cosigned, patiently).toBe(5);
  await expect.poll(() => gauge("audit_witness_waiting_seconds"), patiently).toBe(0);
  expect(harness.problems().at(-1)).toBe("the audit trail's witness cosigns again");
});
