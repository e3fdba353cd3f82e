import type { Sql } from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectPostgres } from "../../src/postgres/connect.ts";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  testJob,
} from "../support/delivery-harness.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const max = 8;
let harness: DeliveryHarness;
let proxy: TcpProxy;
let sql: Sql;

beforeEach(async () => {
  harness = await createDeliveryHarness();
  const address = new URL(harness.database.url);
  proxy = await startTcpProxy({ host: address.hostname, port: Number(address.port || 5432) });
  address.host = `127.0.0.1:${proxy.port}`;
  // The service's own limits.
  sql = connectPostgres(address.href, { max, statementTimeoutMs: 10_000 });
});
afterEach(async () => {
  proxy.thaw();
  await harness.close();
  await sql.end({ timeout: 0 });
  await proxy.close();
});

const effects = async () => (await harness.database.sql`select from effects`).count;

async function publish(events: number): Promise<void> {
  for (let n = 0; n < events; n++) await harness.publish(createdEvent());
}

test.each(["idle", "mid-batch", "at start"])(
  "with every connection of the pool gone silent (%s) it is back within thirty seconds",
  async (moment) => {
    // Every slot of the pool has a connection.
    await Promise.all(Array.from({ length: max }, () => sql`select pg_sleep(0.2)`));
    const consume = () =>
      harness.consume([testJob("analytics", async ({ eventId }, transaction) => {
        await transaction`insert into effects (event_id) values (${eventId})`;
        await transaction`select pg_sleep(0.02)`;
        return applied;
      })], { sql, jobTimeoutMs: 30_000, concurrency: 3 });
    if (moment === "at start") proxy.strand();
    consume();
    const before = moment === "idle" ? 5 : 200;
    await publish(before);
    if (moment === "idle") await expect.poll(effects, { timeout: 30_000 }).toBe(before);
    if (moment === "mid-batch") await expect.poll(effects, { timeout: 30_000, interval: 20 }).toBeGreaterThan(5);
    if (moment !== "at start") proxy.strand();
    const stranded = performance.now();
    const soFar = await effects();
    await publish(20);
    await expect.poll(effects, { timeout: 60_000 }).toBeGreaterThan(soFar);
    expect(performance.now() - stranded).toBeLessThan(30_000);
    await expect.poll(effects, { timeout: 60_000 }).toBe(before + 20);
    expect(await harness.take("apt.created.dlq")).toBeUndefined();
    expect((await harness.metrics.retried.get()).values).toEqual([]);
  },
  150_000,
);
