import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "postgres";
import { modules } from "../../src/jobs/modules.ts";
import {
  lockDeadLetter,
  settleDeadLetter,
  storeDeadLetter,
} from "../../src/delivery/dead-letters/dead-letter-store.ts";
import { countDeadLetters } from "../../src/delivery/dead-letters/dead-letter-counts.ts";
import type { Config } from "../../src/config.ts";
import { createGaugeCollector } from "../../src/ops/collect-gauges.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const countUnfinished = async (sql: Sql) =>
  (await Promise.all(modules.map(({ gauges }) => gauges?.(sql, {} as Config) ?? []))).flat();
const metrics = createMetrics();
const collect = createGaugeCollector(metrics, {
  queueDepths: () => Promise.resolve([]),
  intents: () => countUnfinished(database.sql),
  deadLetters: () => countDeadLetters(database.sql),
});

/** The lines of one gauge, as somebody who asks for the metrics gets them. */
async function gauge(name: string): Promise<string[]> {
  await collect();
  const lines = (await metrics.registry.metrics()).split("\n");
  return lines.filter((line) => line.startsWith(`${name}{`)).sort();
}

function storeLetter(job: string, reason: string, deliveryHash: string) {
  const nameless = { eventName: undefined, aggregateId: undefined, correlationId: undefined };
  return database.sql.begin((transaction) =>
    storeDeadLetter(transaction, {
      ...nameless,
      job,
      reason,
      eventKey: deliveryHash,
      body: new Uint8Array(),
      properties: {},
      headers: {},
      deliveryHash,
    })
  ) as Promise<string>;
}

test("dead letters are counted by job and reason until somebody settles them", async () => {
  expect(await gauge("dead_letters")).toEqual([]);
  await storeLetter("audit", "gap", "a");
  await storeLetter("audit", "gap", "b");
  const id = await storeLetter("calendar", "not-json", "c");
  expect(await gauge("dead_letters")).toEqual([
    'dead_letters{consumer_job="audit",reason="gap"} 2',
    'dead_letters{consumer_job="calendar",reason="not-json"} 1',
  ]);
  await database.sql.begin(async (transaction) => {
    await lockDeadLetter(transaction, id);
    await settleDeadLetter(transaction, id, "discarded", "a test");
  });
  expect(await gauge("dead_letters")).toEqual(['dead_letters{consumer_job="audit",reason="gap"} 2']);
});

test("unfinished intents are counted by sender and state, and the oldest that waits is measured", async () => {
  const { sql } = database;
  const visit = "3f0f9a52-7a52-4a3c-9d0b-2f3f6f2a7c11";
  for (
    const [channel, recipient, state] of [["email", "a", "sent"], ["email", "b", "unknown"], ["sms", "c", "pending"]]
  ) {
    await sql`
      insert into sends
        (event_key, channel, recipient, template, appointment_id, content, state, due_at, created_at, updated_at)
      values ('e', ${channel!}, ${recipient!}, 't', ${visit}, '{}', ${state!}, now(), now(), now())`;
  }
  await sql`insert into calendar_visits (appointment_id) values (${visit})`;
  await sql`insert into calendar_intents (appointment_id, doctor_id, state) values (${visit}, 'dr-1', 'conflict')`;
  expect(await gauge("intents")).toEqual([
    'intents{sender="calendar",state="conflict"} 1',
    'intents{sender="notifications-email",state="unknown"} 1',
    'intents{sender="notifications-sms",state="pending"} 1',
  ]);
  expect(await gauge("intent_oldest_age_seconds")).toEqual([
    expect.stringMatching(/^intent_oldest_age_seconds\{sender="notifications-sms"\} \d/),
  ]);
  await sql`update sends set created_at = now() - interval '2 hours' where state = 'pending'`;
  await sql`update calendar_intents set state = 'pending', wanted_at = now() - interval '1 hour'`;
  const ages = (await gauge("intent_oldest_age_seconds")).map((line) =>
    line.split(" ").map((part) => Number(part) || part)
  );
  expect(ages.map(([sender, age]) => [sender, Math.round(Number(age) / 600) * 600])).toEqual([
    ['intent_oldest_age_seconds{sender="calendar"}', 3600],
    ['intent_oldest_age_seconds{sender="notifications-sms"}', 7200],
  ]);
  await sql`update sends set state = 'failed', settled_as = 'not-sent'`;
  expect(await gauge("intents")).toEqual(['intents{sender="calendar",state="pending"} 1']);
});

test("a long ledger is not read for it", async () => {
  const { sql } = database;
  await sql`
    insert into sends
      (event_key, channel, recipient, template, appointment_id, content, state, due_at, created_at, updated_at)
    select 'e' || n, 'email', 'a', 't', gen_random_uuid(), '{}', 'sent', now(), now(), now()
    from generate_series(1, 20000) as n`;
  await sql`analyze sends`;
  const asked: string[] = [];
  await countUnfinished(
    Object.assign((parts: TemplateStringsArray) => (asked.push(parts.join("")), []), {}) as never,
  );
  const plans = await Promise.all(asked.map((question) => sql.unsafe(`explain ${question}`)));
  const plan = plans.flat().map((line) => line["QUERY PLAN"]).join("\n");
  expect(plan).toContain("using sends_unfinished");
  expect(plan).not.toMatch(/Seq Scan on sends/);
});
