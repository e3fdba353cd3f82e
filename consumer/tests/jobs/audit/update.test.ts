import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readHead } from "../../../src/jobs/audit/chain-store.ts";
import { sealRow } from "../../../src/jobs/audit/chain.ts";
import { readCheckpoints, writeCheckpoint } from "../../../src/jobs/audit/checkpoint.ts";
import { examineTrail } from "../../../src/jobs/audit/examine-trail.ts";
import { walkTrail } from "../../../src/jobs/audit/trail-walk.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";
import { eventually } from "../../support/eventually.ts";
import { type AuditHarness, createAuditHarness } from "./audit-harness.ts";

const hmacKey = "secret";
let audit: AuditHarness;

beforeAll(async () => {
  audit = await createAuditHarness();
});
afterAll(() => audit.drop());
beforeEach(() => audit.empty());

/** Seals as the version before the tree did, which holds a lock of its own and knows chain and HMAC checkpoints only. */
async function sealAsBefore(): Promise<void> {
  await audit.sql.begin(async (transaction) => {
    await transaction`select pg_try_advisory_xact_lock(${0x7365616c})`;
    const outcomes = await transaction`
      select id, occurred_at as "occurredAt", job, action, event_key as "eventKey", event_name as "eventName",
        aggregate_id as "aggregateId", correlation_id as "correlationId", actor, detail
      from audit_unsealed join audit_outcomes on id = outcome_id order by id`;
    let { count, hash } = await readHead(transaction);
    for (const row of outcomes) {
      const outcome = { ...row, id: Number(row.id) } as Parameters<typeof sealRow>[2];
      const previous = hash;
      hash = sealRow(previous, ++count, outcome).hash;
      await transaction`insert into audit_chain values (${count}, ${outcome.id}, ${previous}, ${hash})`;
      await transaction`delete from audit_unsealed where outcome_id = ${outcome.id}`;
    }
  });
  const { count, hash } = await readHead(audit.sql);
  const checkpoint = { takenAt: new Date().toISOString(), count, head: hash.toString("hex") };
  await writeCheckpoint({ folder: audit.checkpoints.folder, hmacKey }, checkpoint);
}

/** What this version finds. */
async function examine() {
  const { folder, signer } = audit.checkpoints;
  const settings = { folder, signer, hmacKey, databaseUrl: undefined, witness: undefined };
  return await examineTrail({ sql: audit.sql, owner: audit.sql, audit: settings, patienceMs: 1_000 });
}

/** What the version before found: chain and HMAC checkpoints. */
async function verifyAsBefore() {
  const { checkpoints, invalid } = await readCheckpoints({ folder: audit.checkpoints.folder, hmacKey });
  expect(invalid).toEqual([]);
  return await audit.sql.begin((transaction) => walkTrail(transaction, { checkpoints, heads: [] }, () => {}));
}

const treeIsWhole = () =>
  eventually(async () => {
    const [row] = await audit.sql`select sum(length(hashes)) / 32 as leaves from audit_tiles where level = 0`;
    expect(Number(row!.leaves)).toBe((await readHead(audit.sql)).count);
  });

test("a trail of before the tree goes on without an alarm, and so does each version after the other", async () => {
  await audit.append(3);
  await sealAsBefore();
  await audit.append(2);
  await sealAsBefore();

  // Updated: the rows are there, and no sealer has run yet. Then it has.
  expect(await examine()).toMatchObject({ rows: 5, problems: [], checkpoints: 2 });
  let stop = audit.startSealer();
  await treeIsWhole();
  await audit.append(2);
  await audit.sealed();
  await stop();
  expect(await examine()).toMatchObject({ rows: 7, problems: [] });

  // Rolled back: the old version verifies, and goes on.
  expect(await verifyAsBefore()).toMatchObject({ rows: 7 });
  await audit.append(4);
  await sealAsBefore();
  expect(await verifyAsBefore()).toMatchObject({ rows: 11 });
  expect((await verifyAsBefore()).problem).toBeUndefined();

  // And updated again, while an old process still runs.
  stop = audit.startSealer();
  await audit.append(1);
  // Of both that seal the same row at the same moment the database lets one; the other tries again.
  await eventually(sealAsBefore);
  await audit.append(1);
  await audit.sealed();
  await treeIsWhole();
  await stop();
  expect(await examine()).toMatchObject({ rows: 13, problems: [] });
});

test("a checkpoint of before goes on vouching for the rows that it knew", async () => {
  await audit.append(3);
  await sealAsBefore();
  await behindTheTrigger(audit.sql, "update audit_outcomes set action = 'ignored' where id = 2");
  await audit.rewriteChain();
  // Its tree is that of the rows as they were rewritten before there was a tree.
  await audit.seal();
  expect((await examine()).problems[0]).toMatchObject({
    position: 1,
    reason: expect.stringMatching(/rows 1 to 3 was rewritten: .* not the checkpoint of/),
  });
});
