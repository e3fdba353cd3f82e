import type { Sql } from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobOutcome } from "../../src/jobs/job.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  type TestEvent,
  testJob,
  type TestStore,
} from "../support/delivery-harness.ts";
import { eventually } from "../support/eventually.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const jobTimeoutMs = 400;

let harness: DeliveryHarness;
let proxy: TcpProxy;
let url: string;
const pools: Sql[] = [];

beforeEach(async () => {
  harness = await createDeliveryHarness();
  const address = new URL(harness.database.url);
  proxy = await startTcpProxy({ host: address.hostname, port: Number(address.port || 5432) });
  address.host = `127.0.0.1:${proxy.port}`;
  url = address.href;
});
afterEach(async () => {
  proxy.thaw();
  await harness.close();
  await Promise.all(pools.splice(0).map((sql) => sql.end({ timeout: 0 })));
  await proxy.close();
});

/** Runs a job with one slot, on the database behind the proxy. */
function consume(
  handle: (event: TestEvent, transaction: TestStore) => Promise<JobOutcome>,
  limits: { statementTimeoutMs?: number } = { statementTimeoutMs: jobTimeoutMs },
) {
  const sql = connectPostgres(url, { max: 6, ...limits });
  pools.push(sql);
  harness.consume([testJob("analytics", handle)], { sql, jobTimeoutMs, concurrency: 1 });
}

async function record({ eventId }: TestEvent, transaction: TestStore): Promise<JobOutcome> {
  await transaction`insert into effects (event_id) values (${eventId})`;
  return applied;
}

async function effectsOf({ eventId }: TestEvent): Promise<number> {
  return (await harness.database.sql`select from effects where event_id = ${eventId}`).count;
}

const retries = async () => (await harness.metrics.retried.get()).values.reduce((sum, { value }) => sum + value, 0);

test("an event whose connection is dead before it begins takes another one, and uses up no attempt", async () => {
  consume(record);
  const [first, second] = [createdEvent(), createdEvent()];
  await harness.publish(first);
  await eventually(async () => expect(await effectsOf(first)).toBe(1));
  proxy.strand();
  await harness.publish(second);
  await eventually(async () => expect(await effectsOf(second)).toBe(1));
  expect(await retries()).toBe(0);
});

test("an event whose connection dies before its commit gives its slot back, and takes effect on another one", async () => {
  let runs = 0;
  consume(async (event, transaction) => {
    await record(event, transaction);
    if (runs++ === 0) proxy.strand();
    return applied;
  });
  const [event, next] = [createdEvent(), createdEvent()];
  await harness.publish(event);
  await harness.publish(next);
  for (const one of [next, event]) await eventually(async () => expect(await effectsOf(one)).toBe(1));
  expect(await retries()).toBeGreaterThan(0);
  expect(await harness.take("apt.created.dlq")).toBeUndefined();
});

test("a commit that comes after its attempt was given up counts, and the retry changes nothing", async () => {
  await harness.database.sql.unsafe(`
    create function be_slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.8); return null; end $$;
    create constraint trigger slow_commit after insert on effects deferrable initially deferred
      for each row execute function be_slow()`);
  let runs = 0;
  consume((event, transaction) => {
    runs += 1;
    return record(event, transaction);
  }, {});
  const event = createdEvent();
  await harness.publish(event);
  await eventually(async () => expect((await harness.metrics.duplicates.get()).values).toMatchObject([{ value: 1 }]));
  expect(await retries()).toBeGreaterThan(0);
  expect(await effectsOf(event)).toBe(1);
  expect(runs).toBe(1);
});

test("a job that keeps the database waiting for too long is ended by the database, and tried again", async () => {
  let runs = 0;
  consume(async (event, transaction) => {
    await record(event, transaction);
    if (runs++ === 0) await new Promise((resolve) => setTimeout(resolve, 300));
    return applied;
  }, { statementTimeoutMs: 50 });
  const event = createdEvent();
  await harness.publish(event);
  await eventually(async () => expect(await effectsOf(event)).toBe(1));
  expect(runs).toBe(2);
});
