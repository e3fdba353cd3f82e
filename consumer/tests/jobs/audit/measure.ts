// Measures the audit trail with so many rows: sealing, verification, receipts. TEST_DATABASE_URL; ROWS
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { readRowsOf, sealOutcomes } from "../../../src/jobs/audit/chain-store.ts";
import { readEvidence } from "../../../src/jobs/audit/evidence.ts";
import { checkReceipt, createReceipt } from "../../../src/jobs/audit/receipt.ts";
import { signTree } from "../../../src/jobs/audit/sign-tree.ts";
import { signerOf } from "../../../src/jobs/audit/signed-note.ts";
import { readLatestNote } from "../../../src/jobs/audit/tree-checkpoints.ts";
import { verifyAudit } from "../../../src/jobs/audit/verify.ts";
import { createTestDatabase } from "../../support/test-database.ts";

const rows = Number(process.argv[2] ?? 1_000_000);
const signer = signerOf("clinic.example/audit", randomBytes(32));
const folder = await mkdtemp(join(tmpdir(), "audit-"));
const database = await createTestDatabase();
const { sql } = database;

async function timed(what: string, action: () => Promise<unknown>): Promise<number> {
  const [before, cpuBefore] = [performance.now(), process.cpuUsage()];
  await action();
  const seconds = (performance.now() - before) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = `${((user + system) / 1e6).toFixed(1)} s of them this process' own CPU time`;
  console.log(`${what}: ${seconds.toFixed(1)} s, ${cpu}; ${Math.round(rows / seconds)} rows a second`);
  return seconds;
}

try {
  console.log(`${rows} rows, Node ${process.version}, ${cpus().length} cores ${cpus()[0]?.model}`);
  await timed("adding (not the trail's own work)", () =>
    sql.begin(async (transaction) => {
      await transaction`
        insert into audit_outcomes
          (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail)
        select now(), 'audit', 'recorded', gen_random_uuid(), 'appointment.created', gen_random_uuid(), gen_random_uuid(),
          'reception', jsonb_build_object('doctorId', 'house', 'appointmentDate', '2026-05-04T09:00:00Z', 'aggregateVersion', n)
        from generate_series(1, ${rows}::integer) as n`;
      await transaction`insert into audit_unsealed select id from audit_outcomes`;
    }));
  await sql`analyze`;
  await timed("sealing and signing", async () => {
    for (let more = true; more;) {
      more = await sealOutcomes(sql, 2_000);
      await signTree(sql, { folder, signer }, false);
    }
  });
  const evidence = await readEvidence({ folder, verifiers: [signer] });
  await timed("verification", async () => {
    const { problems, rows: good } = await verifyAudit({ sql, evidence, signedSize: evidence.signedSize });
    if (problems.length > 0 || good !== rows) {
      throw new Error(`of ${rows} rows ${good} are good: ${JSON.stringify(problems)}`);
    }
  });

  const times: number[] = [];
  let largest = 0;
  for (let count = 0; count < 200; count++) {
    const [{ key }] = await sql<[{ key: string }]>`
      select event_key as key from audit_outcomes where id = ${1 + Math.floor(Math.random() * rows)}`;
    const before = performance.now();
    const [row] = await readRowsOf(sql, key);
    const note = (await readLatestNote(folder))!;
    const receipt = await createReceipt({ sql, note, verifiers: [signer] }, row!.position, row!.outcome!);
    times.push(performance.now() - before);
    largest = Math.max(largest, receipt.length);
    checkReceipt(receipt, [signer]);
  }
  times.sort((a, b) => a - b);
  console.log(
    `a receipt: median ${times[100]!.toFixed(1)} ms, 95th percentile ${
      times[190]!.toFixed(1)
    } ms, at most ${largest} bytes`,
  );
} finally {
  await database.drop();
  await rm(folder, { recursive: true });
}
