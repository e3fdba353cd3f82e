import { afterAll, beforeAll, expect, test } from "vitest";
import { queues } from "../../src/generated/topology.ts";
import { statusCommand } from "../../src/status/command.ts";
import type { Status } from "../../src/status/status.ts";
import { createReplayHarness, type ReplayHarness } from "../support/replay-harness.ts";
import { historyOf } from "../support/restored-history.ts";
import { type RunningConsumer, startConsumer } from "../support/running-consumer.ts";

let harness: ReplayHarness;
let consumer: RunningConsumer;

beforeAll(async () => {
  harness = await createReplayHarness(queues);
  // Nothing listens there.
  consumer = await startConsumer(harness, { SMTP_URL: "smtp://127.0.0.1:9", MAIL_FROM: "clinic@clinic.example" });
});
afterAll(async () => {
  await consumer?.stop();
  await harness?.close();
});

async function status(variables: Record<string, string> = {}): Promise<Status & { code: number }> {
  const { code, printed } = await harness.run(statusCommand, ["--json"], variables);
  return { ...JSON.parse(printed[0]!), code };
}

test("the status is green, and red with exit code 1 once a person has to do something", async () => {
  await expect.poll(() => status()).toMatchObject({ colour: "green", code: 0, outbox: { kind: "known", pending: 0 } });
  const { processes, queues: told } = await status();
  expect(processes).toMatchObject([{ state: { breakers: { "notifications-email": false } } }]);
  expect(told.map(({ job, limit }) => [job, limit])).toContainEqual(["audit", 10_000]);

  await harness.publish({ ...historyOf().created(), payload: {} });
  await expect.poll(async () => (await status()).deadLetters.reduce((sum, { count }) => sum + count, 0)).toBe(5);
  expect(await status()).toMatchObject({
    colour: "red",
    code: 1,
    sentence: expect.stringMatching(/^5 dead letters of /),
  });
  const page = await fetch(`${consumer.url}/ops/status.json`, { headers: { "x-api-key": "key-of-a-reader" } });
  expect(await page.json()).toMatchObject({ colour: "red", needsPerson: true });
});

test("what is away is part of the answer, on the command line and on the page", async () => {
  const away = await status({ AMQP_URL: "amqp://127.0.0.1:1", PRODUCER_OPS_URL: "", PRODUCER_OPS_KEY: "" });
  expect(away).toMatchObject({ code: 1, broker: { up: false }, database: { up: true }, outbox: { kind: "unknown" } });
});

test("how things stand is kept once a minute, and a process that ends is not missed", async () => {
  const { sql } = harness.database;
  const samples = () => sql`select sample -> 'deadLetters' as dead, sample -> 'outbox' as outbox from ops_samples`;
  await expect.poll(samples).not.toHaveLength(0);
  await consumer.stop();
  expect(await sql`select from ops_processes`).toHaveLength(0);
});
