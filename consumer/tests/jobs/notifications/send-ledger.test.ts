import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createSendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.sql`delete from sends`);

test("what nobody recorded and what nobody waits for any more is in the audit trail, once", async () => {
  const { sql } = database;
  const now = new Date("2026-03-01T10:00:00Z");
  const appointmentId = randomUUID();
  const send = (template: string, state: string, leaseUntil: string | null, expiresAt: string | null) =>
    sql`
      insert into sends (event_key, channel, recipient, template, appointment_id, correlation_id, content, state, due_at,
        lease_until, expires_at, created_at, updated_at)
      values ('e-1', 'email', 'ann@example.org', ${template}, ${appointmentId}, 'c-1', '{}', ${state}, ${now},
        ${leaseUntil}, ${expiresAt}, ${now}, ${now})`;
  await send("interrupted", "sending", "2026-03-01T09:59:59Z", null);
  await send("on its way", "sending", "2026-03-01T10:00:01Z", null);
  await send("too late", "pending", null, "2026-03-01T10:00:00Z");
  await send("in time", "pending", null, "2026-03-01T10:00:01Z");

  const ledger = createSendLedger({ sql, leaseMs: 1_000, now: () => now });
  expect(await ledger.expire()).toEqual({ unknown: 1, told: 0, dropped: 1, released: 0 });
  expect(await ledger.expire()).toEqual({ unknown: 0, told: 0, dropped: 0, released: 0 });
  expect(await sql`select template, state from sends order by id`).toEqual([
    { template: "interrupted", state: "unknown" },
    { template: "on its way", state: "sending" },
    { template: "too late", state: "dropped" },
    { template: "in time", state: "pending" },
  ]);
  const common = { job: "notifications", event_key: "e-1", aggregate_id: appointmentId, correlation_id: "c-1" };
  expect(
    await sql`
      select job, action, event_key, aggregate_id, correlation_id, detail->>'template' as template
      from audit_outcomes order by id`,
  ).toEqual([
    { ...common, action: "unknown", template: "interrupted" },
    { ...common, action: "dropped", template: "too late" },
  ]);
});

const started = new Date("2026-03-01T10:00:00Z");
const seconds = (n: number) => new Date(started.getTime() + n * 1_000);

/** A ledger with leases of ten seconds, and so many mails of different visits. */
async function createMails(count: number) {
  const { sql } = database;
  const clock = { now: started };
  for (let n = 0; n < count; n++) {
    await sql`
      insert into sends (event_key, channel, recipient, template, appointment_id, content, state, due_at, created_at,
        updated_at)
      values (${`e-${n}`}, 'email', 'ann@example.org', 'booked', ${randomUUID()}, '{}', 'pending', ${started}, ${started},
        ${started})`;
  }
  const states = async () =>
    (await sql`select state, held from sends order by id`).map(({ state, held }) => [state, held]);
  return { ledger: createSendLedger({ sql, leaseMs: 10_000, now: () => clock.now }), clock, states };
}

test("what was claimed and not started goes back when its lease runs out; what was started is unknown", async () => {
  const { ledger, clock, states } = await createMails(2);
  const [one] = await ledger.claim("email", 2);
  await ledger.start([one!]);
  expect(await states()).toEqual([["sending", false], ["sending", true]]);

  clock.now = seconds(10);
  expect(await ledger.expire()).toEqual({ unknown: 1, told: 0, dropped: 0, released: 1 });
  expect(await states()).toEqual([["unknown", false], ["pending", false]]);
  expect(await ledger.claim("email", 2)).toHaveLength(1);
});

test("a start takes a new lease, and only of what still is the sender's", async () => {
  const { ledger, clock, states } = await createMails(3);
  const [one, two, three] = await ledger.claim("email", 3);
  clock.now = seconds(9);
  expect(await ledger.start([one!])).toEqual([one]);
  clock.now = seconds(11);
  await ledger.expire();
  expect(await states()).toEqual([["sending", false], ["pending", false], ["pending", false]]);

  const [again] = await ledger.claim("email", 1);
  expect(again!.id).toBe(two!.id);
  expect(await ledger.start([one!, two!, three!])).toEqual([]);
  expect(await ledger.start([again!])).toEqual([again]);
  expect(await states()).toEqual([["sending", false], ["sending", false], ["pending", false]]);
});

test("a start leaves what nobody waits for any more, and gives it back to be dropped", async () => {
  const { ledger, clock, states } = await createMails(1);
  await database.sql`update sends set expires_at = ${seconds(5)}`;
  const claimed = await ledger.claim("email", 1);
  clock.now = seconds(5);

  expect(await ledger.start(claimed)).toEqual([]);
  expect(await states()).toEqual([["pending", false]]);
  expect(await ledger.expire()).toEqual({ unknown: 0, told: 0, dropped: 1, released: 0 });
});

test("a release gives back what was not started, and nothing else", async () => {
  const { ledger, states } = await createMails(2);
  const [one, two] = await ledger.claim("email", 2);
  await ledger.start([one!]);

  await ledger.release([one!, two!]);
  expect(await states()).toEqual([["sending", false], ["pending", false]]);
});

test("results that come together are recorded as if each came alone", async () => {
  const { ledger, clock } = await createMails(6);
  const sends = await ledger.start(await ledger.claim("email", 6));
  await database.sql`update sends set expires_at = ${seconds(3)} where id = ${sends[5]!.id}`;
  clock.now = seconds(3);
  const putOff = { state: "pending", reason: "busy", delayMs: 57_000, attempts: 1 } as const;

  await Promise.all([
    ledger.record(sends[0]!, { state: "sent", reference: "250 ok" }),
    ledger.record(sends[1]!, { state: "sent", reference: undefined }),
    ledger.record(sends[2]!, { state: "failed", reason: "550" }),
    ledger.record(sends[3]!, { state: "unknown", reason: "cut" }),
    ledger.record(sends[4]!, putOff),
    ledger.record(sends[5]!, putOff),
  ]);

  const rows = await database.sql`
    select state, reason, reference, attempts, due_at, claim, lease_until from sends order by id`;
  const ended = { attempts: 0, due_at: started, claim: null, lease_until: null, reason: null, reference: null };
  expect(rows).toEqual([
    { ...ended, state: "sent", reference: "250 ok" },
    { ...ended, state: "sent" },
    { ...ended, state: "failed", reason: "550" },
    { ...ended, state: "unknown", reason: "cut" },
    { ...ended, state: "pending", reason: "busy", attempts: 1, due_at: seconds(60) },
    { ...ended, state: "dropped", reason: "busy", attempts: 1, due_at: seconds(60) },
  ]);
  const actions = await database.sql`
    select action, detail->>'send' as send from audit_outcomes where aggregate_id = any(${
    sends.map(({ appointmentId }) => appointmentId)
  }) order by id`;
  expect(actions).toEqual(
    ["sent", "sent", "failed", "unknown", "dropped"].map((action, n) => ({
      action,
      send: sends[action === "dropped" ? 5 : n]!.id,
    })),
  );
});

test("what a clock that was ahead has written is due when the clock is right again", async () => {
  const { ledger, clock } = await createMails(2);
  const hour = 3_600;
  clock.now = seconds(hour);
  const [one] = await ledger.start(await ledger.claim("email", 1));
  await ledger.record(one!, { state: "pending", reason: "busy", delayMs: 60_000, attempts: 1 });
  clock.now = seconds(61);
  const [due] = await database.sql`select (${ledger.dueIn("email")(database.sql)}) as seconds`;
  expect(Number(due!["seconds"])).toBeLessThanOrEqual(0);
  expect(await ledger.claim("email", 2)).toHaveLength(2);
});

test.each(["held", "released", "under way"])(
  "what is %s when a clock that was ahead is set back is not late",
  async (place) => {
    const { ledger, clock } = await createMails(1);
    clock.now = seconds(3_600);
    await database.sql`update sends set due_at = ${clock.now}`;
    const claimed = await ledger.claim("email", 1);
    if (place === "under way") await ledger.start(claimed);
    clock.now = seconds(10);
    if (place === "held") await ledger.expire();
    if (place === "released") await ledger.release(claimed);
    const putOff = { state: "pending", reason: "busy", delayMs: 20_000, attempts: 1 } as const;
    if (place === "under way") await ledger.record(claimed[0]!, putOff);
    clock.now = seconds(30);
    expect(await ledger.claim("email", 1)).toHaveLength(1);
  },
);

test("a clock that differs by seconds makes nothing due before its time", async () => {
  const { ledger, clock } = await createMails(1);
  clock.now = seconds(30);
  const [one] = await ledger.start(await ledger.claim("email", 1));
  await ledger.record(one!, { state: "pending", reason: "busy", delayMs: 60_000, attempts: 1 });

  clock.now = seconds(0);
  expect(await ledger.claim("email", 1)).toEqual([]);
});

test("a lease that a clock that was ahead has given ends when the clock is right again", async () => {
  const { ledger, clock, states } = await createMails(2);
  clock.now = seconds(3_600);
  const [one] = await ledger.claim("email", 2);
  await ledger.start([one!]);

  clock.now = seconds(0);
  const [due] = await database.sql`select (${ledger.expiryDueIn(database.sql)}) as seconds`;
  expect(Number(due!["seconds"])).toBe(0);
  expect(await ledger.expire()).toEqual({ unknown: 1, told: 0, dropped: 0, released: 1 });
  expect(await states()).toEqual([["unknown", false], ["pending", false]]);
});
