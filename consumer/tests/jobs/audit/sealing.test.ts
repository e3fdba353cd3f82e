import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { sealOutcomes } from "../../../src/jobs/audit/chain-store.ts";
import { connectPostgres } from "../../../src/postgres/connect.ts";
import { eventually } from "../../support/eventually.ts";
import { type AuditHarness, createAuditHarness } from "./audit-harness.ts";

let audit: AuditHarness;

beforeAll(async () => {
  audit = await createAuditHarness();
});
afterAll(() => audit.drop());
beforeEach(() => audit.empty());

test("four processes that write and seal at once make one chain", async () => {
  const script = fileURLToPath(new URL("./writer-process.ts", import.meta.url));
  const exits = await Promise.all([1, 2, 3, 4].map(async () => {
    const child = spawn(process.execPath, ["--import", "tsx", script, audit.url, "250"], { stdio: "inherit" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [code] = await once(child, "exit");
    return code;
  }));
  expect(exits).toEqual([0, 0, 0, 0]);

  await audit.seal();
  expect(await audit.verify()).toMatchObject({ rows: 1000, waiting: 0, problems: [] });
});

test("an outcome that commits after a later one is sealed, too", async () => {
  await audit.sql.begin(async (slow) => {
    await audit.append(1, slow as unknown as typeof audit.sql);
    await audit.append(2);
    await eventually(async () => expect(await audit.sql`select from audit_unsealed`).toHaveLength(2));
    await audit.seal();
  });
  await audit.seal();
  const order = await audit.sql`select outcome_id as id from audit_chain order by position`;
  expect(order.map((row) => Number(row.id))).toEqual([2, 3, 1]);
  expect(await audit.verify()).toMatchObject({ rows: 3, problems: [] });
});

test("a batch reads the outcomes that it seals and no others, however long the trail is", async () => {
  const sql = connectPostgres(audit.url, { max: 1 });
  onTestFinished(() => sql.end());
  await sql`
    insert into audit_outcomes (occurred_at, job, action) select now(), 'calendar', 'applied' from generate_series(1, 20000)`;
  await sql`insert into audit_unsealed select id from audit_outcomes`;
  await sql`analyze`;
  for (let batch = 0; batch < 8; batch++) await sealOutcomes(sql, 2_000);

  async function readByIndex(): Promise<number> {
    await sql`select pg_stat_force_next_flush()`;
    const [row] = await sql`
      select idx_tup_read as read from pg_stat_user_indexes where indexrelname = 'audit_outcomes_pkey'`;
    return Number(row!.read);
  }
  const before = await readByIndex();
  await sealOutcomes(sql, 2_000);
  expect(await readByIndex() - before).toBe(2_000);
});
