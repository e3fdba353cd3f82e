import type { ConsumeMessage } from "amqplib";
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createCrashGuard } from "../../src/delivery/crash-guard.ts";
import { createJobDelivery } from "../../src/delivery/job-delivery.ts";
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

test("a redelivered message whose channel is lost is not taken for one that took the process down", async () => {
  const deliver = createJobDelivery({
    job: "analytics",
    policy: { delays: [], waitLimitMs: 0 },
    concurrency: 1,
    jobTimeoutMs: 5_000,
    maxMessageBytes: 1_048_576,
    everyone: createSemaphore(1),
    runJob: () => Promise.reject(new Error("the job fails")),
    forward: () => Promise.reject(new Error("the channel was closed")),
    sql: database.sql,
    metrics: createMetrics(),
    trace: async (_message, _correlationId, task) => void await task(),
    log: createLogger("silent"),
    now: () => new Date(),
    committed: () => {},
  });
  for (let loss = 0; loss < 4; loss++) {
    await expect(deliver(redelivered, new AbortController().signal)).rejects.toThrow("the channel was closed");
  }
  expect(await database.sql`select * from unfinished_starts`).toHaveLength(0);
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
  const guard = createCrashGuard({ sql, job: "analytics", timeoutMs: 200 });
  const log = createLogger("silent");
  const start = await guard({ message: redelivered, log, gone: AbortSignal.timeout(10_000) });
  expect(start.crash).toBeUndefined();
  expect(await database.sql`select starts from unfinished_starts`).toEqual([{ starts: 1 }]);
  await start.finish();
  expect(await database.sql`select from unfinished_starts`).toHaveLength(0);
});
