import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { appendAudit } from "../../../../src/jobs/audit/audit-log.ts";
import { writeVerifier } from "../../../../src/jobs/audit/signed-note.ts";
import { runAudit } from "../run-audit.ts";
import { createWitnessHarness, patiently, type WitnessHarness } from "./witness-harness.ts";

let harness: WitnessHarness;

beforeAll(async () => {
  harness = await createWitnessHarness();
});
afterAll(() => harness.audit.drop());
beforeEach(() => harness.empty());

test("a receipt goes by the cosigned checkpoint where that is asked for, and is checked for the cosignature", async () => {
  const file = join(harness.audit.checkpoints.folder, "receipt");
  const receipt = async (...args: string[]) => {
    const { code, printed, noted } = await runAudit(harness.settings(), "receipt", "visit-1", ...args);
    await writeFile(file, `${printed.join("\n")}\n`);
    return { code, noted };
  };
  const check = (...args: string[]) => runAudit(harness.settings(), "verify-receipt", file, "--json", ...args);
  await appendAudit(harness.audit.sql, {
    occurredAt: new Date(),
    job: "audit",
    action: "recorded",
    eventKey: "visit-1",
  });
  await harness.add(1);
  expect(await receipt("--cosigned")).toEqual({ code: 1, noted: ["The witness has cosigned no checkpoint yet."] });
  harness.startWorker();
  await expect.poll(harness.cosigned, patiently).toBe(2);

  expect(await receipt("--cosigned")).toEqual({ code: 0, noted: [] });
  const answer = JSON.parse((await check("--witness", harness.witness.vkey)).printed.join());
  expect(answer).toMatchObject({ ok: true, size: 2, cosigned: { witness: "witness.example/w1" } });
  expect(Date.now() - Date.parse(answer.cosigned.at)).toBeLessThan(60_000);
  expect((await check()).code).toBe(0);
  const other = await harness.startWitness();
  expect(await check("--witness", other.vkey)).toMatchObject({
    code: 1,
    printed: [expect.stringContaining("its checkpoint is not cosigned by witness.example/w1")],
  });
  await receipt();
  expect((await check("--witness", harness.witness.vkey)).code).toBe(1);
  await expect(check("--witness", writeVerifier(harness.audit.checkpoints.signer))).rejects.toThrow(
    "--witness is no Ed25519 key",
  );
});
