// Measures the audit trail with so many rows: sealing, verification, receipts, each beside a bare reference. TEST_DATABASE_URL; ROWS
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Sql } from "postgres";
import { readRowsOf, sealOutcomes } from "../../../src/jobs/audit/chain-store.ts";
import { replaceDurably } from "../../../src/jobs/audit/durable-file.ts";
import { readEvidence } from "../../../src/jobs/audit/evidence.ts";
import { checkReceipt, createReceipt } from "../../../src/jobs/audit/receipt.ts";
import { signTree } from "../../../src/jobs/audit/sign-tree.ts";
import { signerOf } from "../../../src/jobs/audit/signed-note.ts";
import { readLatestNote } from "../../../src/jobs/audit/tree-checkpoints.ts";
import { verifyAudit } from "../../../src/jobs/audit/verify.ts";
import { createTestDatabase } from "../../support/test-database.ts";

const rows = Number(process.argv[2] ?? 1_000_000);
const batch = 2_000;
const receipts = 200;
const signer = signerOf("clinic.example/audit", randomBytes(32));
const folder = await mkdtemp(join(tmpdir(), "audit-"));
const database = await createTestDatabase();
const { sql } = database;

async function timed(what: string, action: () => Promise<unknown>): Promise<void> {
  const [before, cpuBefore] = [performance.now(), process.cpuUsage()];
  await action();
  const seconds = (performance.now() - before) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = `${((user + system) / 1e6).toFixed(1)} s of them this process' own CPU time`;
  const load = loadavg()[0]!.toFixed(1);
  console.log(`${what}: ${seconds.toFixed(1)} s, ${cpu}; ${Math.round(rows / seconds)} rows a second; load ${load}`);
}

async function addRows(): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`
      insert into audit_outcomes
        (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail)
      select now(), 'audit', 'recorded', gen_random_uuid(), 'appointment.created', gen_random_uuid(), gen_random_uuid(),
        'reception', jsonb_build_object('doctorId', 'house', 'appointmentDate', '2026-05-04T09:00:00Z', 'aggregateVersion', n)
      from generate_series(1, ${rows}::integer) as n`;
    await transaction`insert into audit_unsealed select id from audit_outcomes`;
  });
  await sql`analyze`;
}

/** What sealing can't do without: to read each row, write two hashes of it, and have a file on the disk, batch by batch. */
async function sealBare(): Promise<void> {
  await sql`
    create table bare (position bigint primary key, outcome_id bigint not null unique, previous_hash bytea, hash bytea)`;
  const hash = Buffer.alloc(32);
  for (let from = 1; from <= rows; from += batch) {
    await sql.begin(async (transaction) => {
      const read = await transaction<{ id: string }[]>`
        select * from audit_outcomes where id >= ${from} and id < ${from + batch} order by id`;
      await transaction`
        insert into bare select id, id, ${hash}, ${hash} from unnest(${read.map(({ id }) => id)}::bigint[]) as id`;
    });
    await replaceDurably(join(folder, "bare"), "x".repeat(200));
  }
}

async function seal(): Promise<void> {
  for (let more = true; more;) {
    more = await sealOutcomes(sql, batch);
    await signTree(sql, { folder, signer }, false);
  }
}

async function verify(): Promise<void> {
  const evidence = await readEvidence({ folder, verifiers: [signer] });
  const { problems, rows: good } = await verifyAudit({ sql, evidence, signedSize: evidence.signedSize });
  if (problems.length > 0 || good !== rows) {
    throw new Error(`of ${rows} rows ${good} are good: ${JSON.stringify(problems)}`);
  }
}

async function keyOfAny(sql: Sql): Promise<string> {
  const id = 1 + Math.floor(Math.random() * rows);
  const [{ key }] = await sql<[{ key: string }]>`select event_key as key from audit_outcomes where id = ${id}`;
  return key;
}

function percentiles(times: number[]): string {
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)]!.toFixed(1);
  return `median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms`;
}

/** Beside each receipt two look-ups of a row by an index and one of a small file, at the same load. */
async function measureReceipts(): Promise<void> {
  const times: number[] = [];
  const bare: number[] = [];
  let largest = 0;
  for (let count = 0; count < receipts; count++) {
    const key = await keyOfAny(sql);
    let before = performance.now();
    await sql`select * from audit_outcomes where event_key = ${key}`;
    await sql`select * from audit_tiles where level = 0 and index = ${count}`;
    await readLatestNote(folder);
    bare.push(performance.now() - before);

    const other = await keyOfAny(sql);
    before = performance.now();
    const [row] = await readRowsOf(sql, other);
    const note = (await readLatestNote(folder))!;
    const receipt = await createReceipt({ sql, note, verifiers: [signer] }, row!.position, row!.outcome!);
    times.push(performance.now() - before);
    largest = Math.max(largest, receipt.length);
    checkReceipt(receipt, [signer]);
  }
  console.log(`a receipt: ${percentiles(times)}, at most ${largest} bytes`);
  console.log(`two rows by an index and a file (bare): ${percentiles(bare)}`);
}

try {
  console.log(`${rows} rows, Node ${process.version}, ${cpus().length} cores ${cpus()[0]?.model}`);
  await timed("adding (not the trail's own work)", addRows);
  await timed("reading and writing as much (bare)", sealBare);
  await timed("sealing and signing", seal);
  await timed("verification", verify);
  await measureReceipts();
} finally {
  await database.drop();
  await rm(folder, { recursive: true });
}
