import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { verifyAudit } from "../../../src/jobs/audit/verify.ts";
import { type AuditHarness, createAuditHarness } from "./audit-harness.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";

let audit: AuditHarness;

beforeAll(async () => {
  audit = await createAuditHarness();
});
afterAll(() => audit.drop());
beforeEach(() => audit.empty());

test.each([
  ["a changed outcome", "update audit_outcomes set action = 'ignored' where id = 4", 4],
  ["a removed outcome", "delete from audit_outcomes where id = 5", 5],
  ["a removed row", "delete from audit_chain where position = 6", 6],
  ["a changed hash", "update audit_chain set hash = sha256('x') where position = 7", 7],
  ["a changed link", "update audit_chain set previous_hash = sha256('x') where position = 8", 8],
  ["a removed tail", "delete from audit_chain where position > 8; delete from audit_outcomes where id > 8", 9],
])("verification names the first broken row of %s", async (_, statement, position) => {
  await audit.append(10);
  await audit.seal();
  await behindTheTrigger(audit.sql, statement);
  const { rows, problems } = await audit.verify();
  expect(problems[0]).toMatchObject({ position });
  expect(rows).toBe(position - 1);
});

test("a chain that was rewritten to fit a changed outcome does not fit the checkpoints", async () => {
  await audit.append(6);
  await audit.seal();
  await audit.append(6);
  await audit.seal();
  await behindTheTrigger(audit.sql, "update audit_outcomes set action = 'ignored' where id = 8");
  await audit.rewriteChain();

  const withoutEvidence = { checkpoints: [], heads: [] };
  const { problems: found } = await verifyAudit({ sql: audit.sql, evidence: withoutEvidence });
  expect(found).toEqual([{ reason: "the tree's tile 0/0 does not follow from the rows" }]);
  const { rows, problems } = await audit.verify();
  expect(rows).toBe(6);
  expect(problems).toEqual([{
    position: 7,
    reason: expect.stringMatching(/rows 7 to 12 was rewritten: .* not the signed checkpoint of 12 rows/),
  }]);
});

test("an outcome that was kept out of the chain is named", async () => {
  await audit.append(3);
  await behindTheTrigger(audit.sql, "delete from audit_unsealed where outcome_id = 2");
  await audit.seal();
  expect((await audit.verify()).problems).toEqual([{ outcomeId: 2, reason: expect.any(String) }]);
});
