import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createAuditJob } from "../src/jobs/audit.ts";
import { chainHash, genesis } from "../src/jobs/audit-chain.ts";
import { readCheckpoints } from "../src/jobs/audit-checkpoint.ts";
import { createAuditSealer } from "../src/jobs/audit-sealer.ts";
import { verifyAudit } from "../src/jobs/audit-verify.ts";
import { readChain } from "../src/postgres/audit-chain.ts";
import { appendAudit } from "../src/postgres/audit-log.ts";
import { historyOf } from "./calendar-events.ts";
import { behindTheTrigger } from "./support/behind-the-trigger.ts";
import { handleEvent } from "./support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";

let database: TestDatabase;
let folder: string;
const log = pino({ enabled: false });
const hmacKey = "a key that the database never sees";

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "audit-"));
  await behindTheTrigger(database.sql, `truncate audit_outcomes, audit_unsealed, audit_chain restart identity`);
});
afterEach(() => rm(folder, { recursive: true }));

async function append(count: number, sql = database.sql): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await appendAudit(sql, { occurredAt: new Date(), job: "calendar", action: "applied", eventKey: randomUUID() });
  }
}

/** Runs a sealer until nothing waits, and stops it, which writes a checkpoint. */
async function seal(): Promise<void> {
  const stop = new AbortController();
  const running = createAuditSealer({
    sql: database.sql,
    log,
    now: () => new Date(),
    checkpoints: { folder, hmacKey },
    pollMs: 5,
  }).run(stop.signal);
  await vi.waitFor(async () => expect(await database.sql`select from audit_unsealed`).toHaveLength(0));
  stop.abort();
  await running;
}

async function verify() {
  const { checkpoints, invalid } = await readCheckpoints({ folder, hmacKey });
  expect(invalid).toEqual([]);
  return await verifyAudit(database.sql, checkpoints);
}

test("the job records every event with who, what and when, and nothing about the patient", async () => {
  const visit = historyOf(1);
  const created = { ...visit.created(), actor: "reception" };
  const history = [
    visit.rescheduled("wilson", "2026-05-06T10:00:00Z"),
    created,
    visit.contactChanged(),
    visit.cancelled(),
  ];
  for (const event of history) {
    expect(await handleEvent(database.sql, createAuditJob(), event)).toEqual({ kind: "applied" });
  }
  await seal();

  const rows = await database.sql`select * from audit_outcomes order by id`;
  expect(rows.map((row) => row.event_name)).toEqual(history.map((event) => event.eventName));
  expect(rows[1]).toMatchObject({
    occurred_at: new Date("2026-04-01T10:00:01Z"),
    job: "audit",
    action: "recorded",
    event_key: created.eventId,
    aggregate_id: visit.aggregateId,
    correlation_id: "request-1",
    actor: "reception",
    detail: { doctorId: "house", appointmentDate: "2026-05-04T09:00:00Z" },
  });
  expect(JSON.stringify(rows)).not.toContain("@example.org");
  expect(await verify()).toMatchObject({ rows: 4, waiting: 0, problems: [] });
});

test("rows cannot be changed or removed: nobody has the right, and who takes it is refused by a trigger", async () => {
  await append(1);
  await seal();
  const changes = ["audit_outcomes", "audit_chain"].flatMap((table) => [`delete from ${table}`, `truncate ${table}`]);
  for (const change of [...changes, "update audit_outcomes set action = 'ignored'"]) {
    await expect(database.sql.unsafe(change)).rejects.toMatchObject({ code: "42501" });
    const takingTheRight = database.sql.begin(async (transaction) => {
      await transaction`grant all on audit_outcomes, audit_chain to current_user`;
      await transaction.unsafe(change);
    });
    await expect(takingTheRight).rejects.toThrow(/append-only/);
  }
});

test("four processes that write and seal at once make one chain", async () => {
  const script = fileURLToPath(new URL("audit-writer-process.ts", import.meta.url));
  const exits = await Promise.all([1, 2, 3, 4].map(async () => {
    const child = spawn(process.execPath, ["--import", "tsx", script, database.url, "250"], { stdio: "inherit" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [code] = await once(child, "exit");
    return code;
  }));
  expect(exits).toEqual([0, 0, 0, 0]);

  await seal();
  expect(await verify()).toMatchObject({ rows: 1000, waiting: 0, problems: [] });
});

test("an outcome that commits after a later one is sealed, too", async () => {
  await database.sql.begin(async (slow) => {
    await append(1, slow as unknown as typeof database.sql);
    await append(2);
    await vi.waitFor(async () => expect(await database.sql`select from audit_unsealed`).toHaveLength(2));
    await seal();
  });
  await seal();
  const order = await database.sql`select outcome_id as id from audit_chain order by position`;
  expect(order.map((row) => Number(row.id))).toEqual([2, 3, 1]);
  expect(await verify()).toMatchObject({ rows: 3, problems: [] });
});

test.each([
  ["a changed outcome", "update audit_outcomes set action = 'ignored' where id = 4", 4],
  ["a removed outcome", "delete from audit_outcomes where id = 5", 5],
  ["a removed row", "delete from audit_chain where position = 6", 6],
  ["a changed hash", "update audit_chain set hash = sha256('x') where position = 7", 7],
  ["a changed link", "update audit_chain set previous_hash = sha256('x') where position = 8", 8],
  ["a removed tail", "delete from audit_chain where position > 8; delete from audit_outcomes where id > 8", 9],
])("verification names the first broken row of %s", async (_, statement, position) => {
  await append(10);
  await seal();
  await behindTheTrigger(database.sql, statement);
  const { rows, problems } = await verify();
  expect(problems[0]).toMatchObject({ position });
  expect(rows).toBe(position - 1);
});

test("a chain that was rewritten to fit a changed outcome does not fit the checkpoints", async () => {
  await append(6);
  await seal();
  await append(6);
  await seal();
  await behindTheTrigger(database.sql, "update audit_outcomes set action = 'ignored' where id = 8");
  await rewriteChain();

  expect((await verifyAudit(database.sql, [])).problems).toEqual([]);
  const { rows, problems } = await verify();
  expect(rows).toBe(6);
  expect(problems).toEqual([{ position: 7, reason: expect.stringMatching(/rows 7 to 12 was rewritten/) }]);
});

/** Computes every hash anew, as a forger would who knows how. */
async function rewriteChain(): Promise<void> {
  const statements: string[] = [];
  await database.sql.begin(async (transaction) => {
    let previous = genesis;
    for await (const { position, outcome } of readChain(transaction)) {
      const hash = chainHash(previous, position, outcome!);
      const [from, to] = [previous.toString("hex"), hash.toString("hex")];
      statements.push(
        `update audit_chain set previous_hash = '\\x${from}', hash = '\\x${to}' where position = ${position}`,
      );
      previous = hash;
    }
  });
  await behindTheTrigger(database.sql, statements.join(";"));
}

test("an outcome that was kept out of the chain is named", async () => {
  await append(3);
  await behindTheTrigger(database.sql, "delete from audit_unsealed where outcome_id = 2");
  await seal();
  expect((await verify()).problems).toEqual([{ outcomeId: 2, reason: expect.any(String) }]);
});

test("a checkpoint is signed, and is never replaced by one of a shorter or a rewritten chain", async () => {
  await append(2);
  await seal();
  const [name] = await readdir(folder);
  const before = await readFile(join(folder, name!), "utf8");
  await behindTheTrigger(database.sql, "update audit_outcomes set action = 'ignored' where id = 1");
  await rewriteChain();
  await seal();
  expect(await readFile(join(folder, name!), "utf8")).toBe(before);

  await writeFile(join(folder, name!), before.replace('"count": 2', '"count": 1'));
  await writeFile(join(folder, "checkpoint-000000000007.json"), "{}");
  expect(await readCheckpoints({ folder, hmacKey })).toEqual({
    checkpoints: [],
    invalid: [name, "checkpoint-000000000007.json"],
  });
  expect((await readCheckpoints({ folder, hmacKey: "another key" })).checkpoints).toEqual([]);
});

test("checkpoints are written while the sealer runs, too", async () => {
  let now = new Date("2026-03-01T00:00:00Z");
  const stop = new AbortController();
  const running = createAuditSealer({
    sql: database.sql,
    log,
    now: () => now,
    checkpoints: { folder, hmacKey },
    pollMs: 5,
  }).run(stop.signal);
  await append(2);
  await vi.waitFor(async () => expect(await database.sql`select from audit_unsealed`).toHaveLength(0));
  expect(await readdir(folder)).toEqual([]);
  now = new Date("2026-03-01T01:00:01Z");
  await vi.waitFor(async () => expect(await readdir(folder)).toEqual(["checkpoint-000000000002.json"]));
  stop.abort();
  await running;
});
