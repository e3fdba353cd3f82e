import type { ConsumeMessage } from "amqplib";
import { Buffer } from "node:buffer";
import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createCrashGuard } from "../../src/delivery/crash-guard.ts";
import { createJobDelivery, type JobDeliveryDependencies } from "../../src/delivery/job-delivery.ts";
import { createSemaphore } from "../../src/delivery/semaphore.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { noteFinish, noteStart } from "../../src/delivery/unfinished-starts.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

let database: TestDatabase;

const redelivered = {
  content: Buffer.from("not JSON"),
  fields: { redelivered: true },
  properties: { headers: { "x-delivery-count": 1 } },
} as unknown as ConsumeMessage;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function createDelivery(overrides: Partial<JobDeliveryDependencies> = {}) {
  return createJobDelivery({
    job: "analytics",
    policy: { delays: [], waitLimitMs: 0 },
    concurrency: 1,
    jobTimeoutMs: 5_000,
    maxMessageBytes: 1_048_576,
    everyone: createSemaphore(1),
    runTogether: () => Promise.reject(new Error("the job fails")),
    forward: () => Promise.resolve(),
    sql: database.sql,
    runApart: undefined,
    metrics: createMetrics(),
    trace: async (_message, _correlationId, task) => void await task(undefined),
    traceBatch: (_messages, work) => work(),
    log: createLogger("silent"),
    now: () => new Date(),
    committed: () => {},
    ...overrides,
  });
}

test("a redelivered message whose channel is lost is not taken for one that took the process down", async () => {
  const deliver = createDelivery({ forward: () => Promise.reject(new Error("the channel was closed")) });
  for (let loss = 0; loss < 4; loss++) {
    await expect(deliver(redelivered, new AbortController().signal)).rejects.toThrow("the channel was closed");
  }
  expect(await database.sql`select * from unfinished_starts`).toHaveLength(0);
});

test("a redelivered message is read after its start is noted, and not before", async () => {
  const { sql } = database;
  const parse = vi.spyOn(JSON, "parse");
  onTestFinished(() => parse.mockRestore());
  const reads = () => parse.mock.calls.filter(([text]) => text === redelivered.content.toString()).length;
  let delivered: Promise<void> | undefined;
  await sql.begin(async (transaction) => {
    await transaction`lock table unfinished_starts in exclusive mode`;
    delivered = createDelivery()(redelivered, new AbortController().signal);
    const waiting = () => sql`select from pg_locks where not granted and relation = 'unfinished_starts'::regclass`;
    await expect.poll(waiting).toHaveLength(1);
    expect(reads()).toBe(0);
  });
  await delivered;
  expect(reads()).toBeGreaterThan(0);
});

test("a message that takes processes down is given up unread, and its note stays until the dead letter is durable", async () => {
  const { sql } = database;
  const bodyHash = createHash("sha256").update(redelivered.content).digest("hex");
  await sql`insert into unfinished_starts (job, body_hash, starts) values ('analytics', ${bodyHash}, 1)`;
  const parse = vi.spyOn(JSON, "parse");
  onTestFinished(() => parse.mockRestore());
  const notes: { starts: number }[][] = [];
  const deliver = createDelivery({
    runApart: () => Promise.resolve({ kind: "crashed", ends: ["SIGABRT", "SIGABRT", "SIGABRT"] }),
    async forward(_message, verdict) {
      expect(verdict).toMatchObject({ kind: "dead-letter", reason: "crashed-process" });
      notes.push(await sql<{ starts: number }[]>`select starts from unfinished_starts`);
    },
  });
  await deliver(redelivered, new AbortController().signal);
  expect(notes).toEqual([[{ starts: 2 }]]);
  expect(parse.mock.calls.filter(([text]) => text === redelivered.content.toString())).toEqual([]);
  expect(await sql`select from unfinished_starts`).toHaveLength(0);
});

test("a start that is noted twice is one start, a further one is another", async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const counted: number[] = [];
  for (const start of [first, first, second, second]) {
    counted.push(await noteStart(database.sql, "audit", "hash", start));
  }
  expect(counted).toEqual([1, 1, 2, 2]);
  await noteFinish(database.sql, "audit", "hash");
});

test("a note on a connection that died without a word is written on another one", async () => {
  const address = new URL(database.url);
  const proxy = await startTcpProxy({ host: address.hostname, port: Number(address.port || 5432) });
  address.host = `127.0.0.1:${proxy.port}`;
  const sql = connectPostgres(address.href, { max: 3 });
  onTestFinished(async () => {
    await sql.end({ timeout: 0 });
    await proxy.close();
  });
  await sql`select 1`;
  proxy.strand();
  const guard = createCrashGuard({ sql, job: "analytics", timeoutMs: 200, runApart: undefined });
  const log = createLogger("silent");
  const start = await guard({ message: redelivered, log, gone: AbortSignal.timeout(10_000) });
  expect(await start.runApart()).toBeUndefined();
  expect(await database.sql`select starts from unfinished_starts`).toEqual([{ starts: 1 }]);
  await start.finish();
  expect(await database.sql`select from unfinished_starts`).toHaveLength(0);
});

test("where no process of its own can be started, the tenth start that did not finish is held to be no chance", async () => {
  const runApart = () => Promise.resolve({ kind: "unavailable" } as const);
  const guard = createCrashGuard({ sql: database.sql, job: "analytics", timeoutMs: 5_000, runApart });
  const log = createLogger("silent");
  const start = async () => await guard({ message: redelivered, log, gone: AbortSignal.timeout(10_000) });
  for (let starts = 1; starts <= 10; starts++) expect(await (await start()).runApart()).toBeUndefined();
  const last = await start();
  expect(await last.runApart()).toMatchObject({ reason: "crashed-process" });
  await last.finish();
});
