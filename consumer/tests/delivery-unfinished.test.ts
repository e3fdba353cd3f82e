import type { ConsumeMessage } from "amqplib";
import { Buffer } from "node:buffer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createJobDelivery } from "../src/amqp/job-delivery.ts";
import { createSemaphore } from "../src/amqp/semaphore.ts";
import { createLogger } from "../src/telemetry/logger.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("a redelivered message whose channel is lost is not taken for one that took the process down", async () => {
  const deliver = createJobDelivery({
    job: "analytics",
    policy: { delays: [], waitLimitMs: 0 },
    concurrency: 1,
    redelivered: createSemaphore(1),
    runJob: () => Promise.reject(new Error("the job fails")),
    forward: () => Promise.reject(new Error("the channel was closed")),
    sql: database.sql,
    metrics: createMetrics(),
    trace: async (_message, _correlationId, task) => void await task(),
    log: createLogger("silent"),
    now: () => new Date(),
    committed: () => {},
  });
  const message = {
    content: Buffer.from("not JSON"),
    fields: { redelivered: true },
    properties: { headers: { "x-delivery-count": 1 } },
  } as unknown as ConsumeMessage;

  for (let loss = 0; loss < 4; loss++) {
    await expect(deliver(message, new AbortController().signal)).rejects.toThrow("the channel was closed");
  }
  expect(await database.sql`select * from unfinished_starts`).toHaveLength(0);
});
