import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { behindTheTrigger } from "../../../support/behind-the-trigger.ts";
import { createWitnessHarness, patiently, type WitnessHarness } from "./witness-harness.ts";

let harness: WitnessHarness;

beforeAll(async () => {
  harness = await createWitnessHarness();
});
afterAll(() => harness.audit.drop());
beforeEach(() => harness.empty());

describe("a log that was rewritten by somebody who has its key and its folder", () => {
  async function rewrite(sql: string, rows = 6): Promise<void> {
    const { folder } = harness.audit.checkpoints;
    for (const name of await readdir(folder)) await rm(join(folder, name));
    await behindTheTrigger(
      harness.audit.sql,
      `${sql}; truncate audit_chain, audit_tiles, audit_unsealed; insert into audit_unsealed select id from audit_outcomes`,
    );
    await harness.add(rows);
  }

  beforeEach(async () => {
    const { gauge, end } = harness.startWorker();
    await harness.add(6);
    await expect.poll(harness.cosigned, patiently).toBe(6);
    expect(await gauge("audit_witness_refusing")).toBe(0);
    await end();
  });

  test("is whole in itself, and named by the witness", async () => {
    await rewrite("update audit_outcomes set action = 'ignored' where id = 2");
    expect((await harness.audit.verify()).problems).toEqual([]);
    expect(await harness.verify()).toMatchObject({
      code: 1,
      printed: [
        "the witness refuses the tree of 12 rows: it does not begin with the 6 rows that it has cosigned",
        expect.anything(),
      ],
    });
  });

  test("is named at the same length, and where it is shorter", async () => {
    await rewrite("update audit_outcomes set action = 'ignored' where id = 2", 0);
    expect((await harness.verify()).printed[0]).toBe(
      "the witness refuses the tree of 6 rows: it does not begin with the 6 rows that it has cosigned",
    );
    await rewrite("delete from audit_outcomes where id > 3", 0);
    expect((await harness.verify()).printed[0]).toBe(
      "the witness has cosigned 6 rows, and the last checkpoint knows 3",
    );
  });

  test("is told by the service, too, until it is mended", async () => {
    await rewrite("update audit_outcomes set action = 'ignored' where id = 2");
    const { gauge } = harness.startWorker();
    await expect.poll(() => gauge("audit_witness_refusing"), patiently).toBe(1);
    expect(harness.lines).toContainEqual(
      expect.objectContaining({ level: 50, msg: "the audit trail's witness refuses it" }),
    );
    expect(harness.witness.cosigned.get("clinic.example/audit")?.size).toBe(6);
  });
});
