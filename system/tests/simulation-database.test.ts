import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sql, TransactionSql } from "postgres";
import { createJobRunner, createTogetherRunner } from "../../consumer/src/delivery/run-job.ts";
import type { RunThemAlone } from "../../consumer/src/delivery/job-transaction.ts";
import type { AvailabilityEvent } from "../../consumer/src/generated/jobs.ts";
import { readEvent } from "../../consumer/src/delivery/message.ts";
import { claimEvents } from "../../consumer/src/delivery/inbox.ts";
import { noteFinish, noteStart } from "../../consumer/src/delivery/unfinished-starts.ts";
import { createAnalyticsJob } from "../../consumer/src/jobs/analytics/analytics.ts";
import { createAvailabilityJob } from "../../consumer/src/jobs/availability/availability.ts";
import { createAvailabilityStore } from "../../consumer/src/jobs/availability/availability-store.ts";
import { connectPostgres } from "../../consumer/src/postgres/connect.ts";
import { migrate as migrateConsumer } from "../../consumer/src/postgres/migrate.ts";
import { createCandidate } from "../../producer/src/outbox/leadership.ts";
import { createRelayStore } from "../../producer/src/outbox/outbox-store.ts";
import { connectDatabase } from "../../producer/src/postgres/database.ts";
import { migrate as migrateProducer } from "../../producer/src/postgres/migrate.ts";
import { createDatabase, understand } from "../simulation/model/database.ts";
import { deliveryStatements } from "../simulation/model/delivery-statements.ts";
import { type OutboxEvent, relayStatements } from "../simulation/model/relay-statements.ts";
import { createSqlClient } from "../simulation/model/sql-client.ts";
import { appointment, eventOf } from "../simulation/workload.ts";
import { createReleases } from "../stack/releases.ts";
import { createPrivateDatabases } from "./support/private-databases.ts";
import { simulated } from "./support/simulated.ts";

/** A scenario says what it saw; the model and PostgreSQL have to show it the same. */
type Scenario = (sql: Sql, setUp: { outbox(events: readonly OutboxEvent[]): Promise<unknown> }) => Promise<unknown>;

const releases = createReleases(console.error);
const real: { producer?: Sql; consumer?: Sql } = {};
beforeAll(async () => {
  const urls = await createPrivateDatabases(releases);
  const producer = real.producer = connectDatabase(urls.producer, { max: 5 });
  const consumer = real.consumer = connectPostgres(urls.consumer, { max: 5 }) as unknown as Sql;
  releases.add("the connections", async () => void await Promise.all([producer.end(), consumer.end()]));
  await migrateProducer(producer);
  await migrateConsumer(consumer as never);
});
afterAll(() => releases.run());

const insert = (sql: Sql) => async (events: readonly OutboxEvent[]) => {
  for (const event of events) {
    await sql`INSERT INTO outbox ${
      sql({
        event_id: event.eventId,
        event_name: event.eventName,
        aggregate_type: "appointment",
        aggregate_id: event.aggregateId,
        aggregate_version: event.aggregateVersion,
        correlation_id: event.correlationId,
        occurred_at: event.occurredAt,
        body: event.body,
        headers: sql.json(event.headers),
      })
    }`;
  }
};

async function inModel(side: "producer" | "consumer", scenario: Scenario): Promise<unknown> {
  return await simulated(async (scheduler) => {
    const observer = { now: scheduler.now, wrote() {}, taken() {}, beat() {} };
    const database = side === "producer"
      ? createDatabase(scheduler, understand(relayStatements), observer)
      : createDatabase(scheduler, understand(deliveryStatements), undefined);
    database.view.set("lease", { term: "0", beat: "0", holder: null });
    const { sql } = createSqlClient(scheduler, database, { name: "scenario", alive: true, stoppedUntil: 0 });
    return await scenario(sql as never, {
      outbox: (events) => Promise.resolve(events.forEach((event) => database.view.set(`outbox:${event.id}`, event))),
    });
  });
}

const lead = (sql: Sql, holder: string, nowMs: () => number) =>
  createCandidate({ sql, holder, leaseMs: 1_000_000, pollMs: 1_000_000, nowMs, onSucceeded() {} });
const refusal = (work: Promise<unknown>) => work.then(() => "taken", (error: Error) => error.name);

const ofRelay: [string, Scenario][] = [
  ["whoever leads is told with each renewal that something is in the outbox", async (sql, { outbox }) => {
    let waiting = 0;
    const patient = { holder: "one", leaseMs: 1_000_000, pollMs: 100, nowMs: () => 0, onSucceeded() {} };
    const leadership = await createCandidate({ sql, ...patient }).take(() => waiting++);
    const later = () => new Promise((resolve) => setTimeout(resolve, 400));
    await later();
    const before = waiting;
    await outbox([eventOf(90, 90, 1)]);
    await later();
    const store = createRelayStore(sql, leadership!.term);
    await store.archive((await store.selectFresh(1)).map(({ id }) => id));
    await later();
    const told = waiting;
    await later();
    await leadership!.release();
    return { before, told: told > 0, after: waiting - told };
  }],
  ["one leads; another one takes the lead when it is given up, or silent for a lease", async (sql) => {
    let now = 0;
    const [one, two] = [lead(sql, "one", () => now), lead(sql, "two", () => now)];
    const first = await one.take(() => {});
    const while1 = await two.take(() => {});
    await first!.release();
    const second = await two.take(() => {});
    const early = await one.take(() => {});
    now += 1_000_000;
    const third = await one.take(() => {});
    const held = [first, second, third].map((leadership) => leadership?.held());
    const terms = [first, second, third].map((leadership) => Number(leadership!.term) - Number(first!.term));
    await second!.release();
    await third!.release();
    return { while1, early, held, terms };
  }],
  [
    "only the first event of each visit goes out, a refused one among the refused, in order",
    async (sql, { outbox }) => {
      const leadership = (await lead(sql, "one", () => 0).take(() => {}))!;
      const store = createRelayStore(sql, leadership.term);
      await outbox([eventOf(1, 1, 1), eventOf(2, 1, 2), eventOf(3, 2, 1), eventOf(4, 3, 1)]);
      const [oldest] = await store.selectFresh(1);
      const seen = async () => ({
        fresh: (await store.selectFresh(10)).map(({ eventId }) => eventId),
        later: (await store.selectFresh(10, oldest!.id)).map(({ eventId }) => eventId),
        notUnderWay: (await store.selectFresh(10, "0", [oldest!.id])).map(({ eventId }) => eventId),
        failed: (await store.selectFailed(10)).map(({ eventId }) => eventId),
        one: (await store.selectFresh(1)).map(({ eventId, body, headers }) => ({ eventId, body, headers })),
      });
      const idOf = async (eventId: string) =>
        [...await store.selectFresh(10), ...await store.selectFailed(10)].find((row) => row.eventId === eventId)!.id;
      const before = await seen();
      const [id1, id3, id4] = [
        await idOf(eventOf(1, 1, 1).eventId),
        await idOf(eventOf(3, 2, 1).eventId),
        await idOf(eventOf(4, 3, 1).eventId),
      ];
      await store.markFailed([{ id: id3, error: "nacked" }]);
      await store.markFailed([{ id: id1, error: "nacked" }, { id: "987654321", error: "gone" }]);
      const marked = await seen();
      await store.archive([id1, id4, "987654321"]);
      await store.archive([id1]);
      const archived = await seen();
      await leadership.release();
      const next = (await lead(sql, "two", () => 0).take(() => {}))!;
      const late = [await refusal(store.archive([id3])), await refusal(store.markFailed([{ id: id3, error: "late" }]))];
      const after = await seen();
      await next.release();
      return { before, marked, archived, late, after };
    },
  ],
];

const received = (id: number, visit: number, version: number) =>
  readEvent("availability", { content: Buffer.from(eventOf(id, visit, version).body), properties: {} });
const entry = (eventKey: string) => ({
  eventKey,
  eventName: "x",
  aggregateId: appointment(1),
  version: undefined,
  toldAt: new Date(0),
});

/** Two transactions claim one event at once: what each is told, in the order in which it is told. */
async function claimTwice(sql: Sql, key: string, ofFirst: "commit" | "rollback"): Promise<string[]> {
  const told: string[] = [];
  const claim = async (transaction: TransactionSql) =>
    (await claimEvents(transaction as never, "availability", [entry(key)], new Date(0))).has(key);
  let go = () => {};
  let claimed = () => {};
  const gate = new Promise<void>((resolve) => (go = resolve));
  const isClaimed = new Promise<void>((resolve) => (claimed = resolve));
  const first = sql.begin(async (transaction) => {
    told.push(`first ${await claim(transaction)}`);
    claimed();
    await gate;
    told.push(ofFirst);
    if (ofFirst === "rollback") throw new Error("rolled back");
  }).catch(() => {});
  await isClaimed;
  const second = sql.begin(async (transaction) => {
    const answer = claim(transaction);
    // The second one is on its way to the row: it has to wait there.
    await new Promise((resolve) => setTimeout(resolve, 100));
    go();
    told.push(`second ${await answer}`);
  });
  await Promise.all([first, second]);
  return told;
}

const ofDelivery: [string, Scenario][] = [
  ["a second claim waits for the first, and is refused or granted by its end", async (sql) => [
    await claimTwice(sql, "a", "commit"),
    await claimTwice(sql, "b", "rollback"),
    await claimTwice(sql, "b", "commit"),
  ]],
  ["a job's effect comes once, an older event changes nothing, and a failed one leaves nothing", async (sql) => {
    const availability = createAvailabilityJob();
    const run = (job: unknown) =>
      createJobRunner({ sql, job: job as never, timeoutMs: 5_000, now: () => new Date(0), onWrite() {} });
    const failing = {
      ...availability,
      decide() {
        throw new Error("failed");
      },
    };
    const waiting = { ...availability, decide: () => ({ outcome: { kind: "wait", reason: "later" } }) };
    const seen = [
      await refusal(run(failing)(received(20, 9, 1))),
      await run(waiting)(received(20, 9, 1)),
      await run(availability)(received(21, 9, 2)),
      await run(availability)(received(20, 9, 1)),
      await run(availability)(received(21, 9, 2)),
      await run(createAnalyticsJob())(received(20, 9, 1)),
      // The version of another event, and what comes after it.
      await refusal(run(createAnalyticsJob())(received(22, 9, 1))),
      await refusal(run(createAnalyticsJob())(received(23, 9, 2))),
    ];
    const visit = await sql.begin(async (transaction) => {
      const store = createAvailabilityStore(transaction as never);
      const { event } = received(21, 9, 2) as unknown as { event: AvailabilityEvent };
      await store.load([{ event, context: { eventKey: "any", now: new Date(0) } }]);
      return store.known(event);
    });
    return { seen, visit };
  }],
  ["of a batch, what was processed and what repeats is told, and what waits or fails leaves nothing", async (sql) => {
    const availability = createAvailabilityJob();
    const together = (job: unknown) =>
      createTogetherRunner({ sql, job: job as never, timeoutMs: 5_000, now: () => new Date(0), onWrite() {} });
    const seen: unknown[] = [
      await together(availability)([received(30, 10, 1), received(31, 10, 2), received(30, 10, 1)]),
    ];
    let decisions = 0;
    const moody = {
      ...availability,
      decide(...args: Parameters<typeof availability.decide>) {
        decisions += 1;
        if (decisions === 1) throw new Error("failed");
        return decisions === 2 ? { outcome: { kind: "wait", reason: "later" } } : availability.decide(...args);
      },
    };
    seen.push(
      (await together(moody)([received(32, 11, 1), received(33, 12, 1), received(34, 13, 1), received(31, 10, 2)]))
        .map(({ kind }) => kind),
    );
    seen.push(await together(availability)([received(32, 11, 1), received(33, 12, 1), received(34, 13, 1)]));
    // The version of another event, in the same batch and from before.
    const alone = (error: RunThemAlone) => error.places;
    seen.push(await together(availability)([received(35, 14, 1), received(36, 14, 1)]).catch(alone));
    seen.push(await together(availability)([received(37, 15, 1), received(38, 10, 2)]).catch(alone));
    return seen;
  }],
  ["unfinished starts are counted once each, until one finishes", async (sql) => {
    const start = (id: string) => noteStart(sql, "availability", "hash", `0000000${id}-0000-4000-8000-000000000000`);
    const seen = [await start("a"), await start("a"), await start("b"), await start("c")];
    await noteFinish(sql, "availability", "hash");
    return [...seen, await start("c")];
  }],
];

describe("PostgreSQL and the model of it show the same", () => {
  test.each(ofRelay)("%s", async (_, scenario) => {
    const modelled = await inModel("producer", scenario);
    const sql = real.producer!;
    expect(modelled).toEqual(await scenario(sql, { outbox: insert(sql) }));
  });
  test.each(ofDelivery)("%s", async (_, scenario) => {
    const modelled = await inModel("consumer", scenario);
    expect(modelled).toEqual(await scenario(real.consumer!, { outbox: () => Promise.resolve() }));
  });
});

test("the model refuses a statement that it was not taught", async () => {
  const unknown: Scenario = async (sql) => await sql`select 1`;
  await expect(inModel("consumer", unknown)).rejects.toThrow("does not know this statement");
});
