import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { unknownKeys } from "../../src/delivery/inbox.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { readArchive } from "../../src/replay/archive-client.ts";
import { replayArchive } from "../../src/replay/replay-archive.ts";
import { startProcess } from "../support/consumer-process.ts";
import { applied, testJob } from "../support/delivery-harness.ts";
import { eventually } from "../support/eventually.ts";
import { createReplayHarness, hour, type ReplayHarness } from "../support/replay-harness.ts";

let harness: ReplayHarness;
let stop = () => Promise.resolve();

beforeAll(async () => {
  harness = await createReplayHarness();
});
beforeEach(() => {
  harness.archive.events.length = 0;
});
afterEach(() => stop());
afterAll(() => harness.close());

test("a replay does what was missed, and what was done not again", async () => {
  const events = Array.from({ length: 8 }, (_, minute) => harness.archived(minute));
  const handled: string[] = [];
  stop = harness.consume([testJob("analytics", ({ eventId }) => {
    handled.push(eventId);
    return Promise.resolve(applied);
  })]);
  for (const done of events.slice(0, 3)) await harness.publish(done);
  await eventually(() => expect(handled).toHaveLength(3));
  const { code, printed } = await harness.replay("--job", "analytics", ...hour, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(printed[0]!)).toEqual({
    job: "analytics",
    events: { "appointment.created": 8 },
    rebuilt: false,
    dryRun: false,
  });
  await eventually(() => expect(new Set(handled)).toEqual(new Set(events.map((event) => event.eventId))));
  expect(handled).toHaveLength(8);
  // The other jobs' queues got the three live events and nothing from the replay.
  expect(await harness.depthOf("apt.audit.queue")).toBe(3);
});

test("from, to, type and aggregate choose what is replayed, and a dry run publishes nothing", async () => {
  const chosen = harness.archived(10);
  harness.archived(20);
  harness.archived(30, { eventName: "appointment.cancelled", aggregateId: chosen.aggregateId });
  const before = await harness.depthOf("apt.calendar.queue");
  const of = async (...args: string[]) => {
    const { printed } = await harness.replay("--job", "calendar", "--dry-run", "--json", ...args);
    return JSON.parse(printed[0]!).events;
  };
  expect(await of(...hour)).toEqual({ "appointment.created": 2, "appointment.cancelled": 1 });
  expect(await of(...hour, "--type", "appointment.cancelled")).toEqual({ "appointment.cancelled": 1 });
  expect(await of(...hour, "--aggregate", chosen.aggregateId)).toEqual({
    "appointment.created": 1,
    "appointment.cancelled": 1,
  });
  expect(await of("--from", "2026-03-01T08:10:00Z", "--to", "2026-03-01T08:20:00Z")).toEqual({
    "appointment.created": 1,
  });
  expect(await harness.depthOf("apt.calendar.queue")).toBe(before);
});

test("what is missing is what the job has neither processed nor given up, and nothing else is published", async () => {
  const events = Array.from({ length: 8 }, (_, minute) => harness.archived(minute));
  const handled: string[] = [];
  stop = harness.consume([testJob("analytics", ({ eventId }) => {
    handled.push(eventId);
    return Promise.resolve(applied);
  })]);
  for (const done of events.slice(0, 3)) await harness.publish({ ...done, eventId: done.eventId.toUpperCase() });
  await eventually(() => expect(handled).toHaveLength(3));
  await harness.database.sql`
    insert into dead_letters (job, reason, event_key, body, properties, headers, delivery_hash)
    values ('analytics', 'gap', ${events[3]!.eventId}, '', '{}', '{}', 'missing-test')`;
  const counted = await harness.replay("--missing", "--job", "analytics", ...hour, "--dry-run", "--json");
  expect(JSON.parse(counted.printed[0]!).events).toEqual({ "appointment.created": 4 });

  const duplicates = async () => (await harness.metrics.duplicates.get()).values;
  const before = await duplicates();
  await harness.replay("--missing", "--job", "analytics", ...hour);
  await eventually(() => {
    expect(handled.slice(3).toSorted()).toEqual(events.slice(4).map(({ eventId }) => eventId).toSorted());
  });
  const again = await harness.replay("--missing", "--job", "analytics", ...hour, "--json");
  expect(JSON.parse(again.printed[0]!).events).toEqual({});
  expect(await duplicates()).toEqual(before);
});

test("what is missing may be the first that a process asks the database", async () => {
  const sql = connectPostgres(harness.database.url, { max: 1 });
  onTestFinished(() => sql.end());
  expect(await unknownKeys(sql, "analytics", ["one", "another"])).toEqual(new Set(["one", "another"]));
});

test("events that the job doesn't know are left out", async () => {
  harness.archived(1);
  harness.archived(2, { eventName: "appointment.cancelled" });
  const { printed } = await harness.replay("--job", "analytics", ...hour, "--dry-run", "--json");
  expect(JSON.parse(printed[0]!).events).toEqual({ "appointment.created": 1 });
});

test.each([
  [["--job", "cooking", ...hour]],
  [["--job", "audit", "--from", "yesterday", "--to", "2026-03-01T09:00:00Z"]],
  [["--job", "audit"]],
  [["--job", "audit", "--rebuild"]],
  [["--job", "analytics", "--rebuild", ...hour]],
  [["--missing", "--job", "cooking"]],
  [["--missing", "--rebuild", "--job", "analytics"]],
  [["--missing", "--type", "appointment.created"]],
  [["--missing", "--job", "analytics"]],
  [["--job", "analytics", ...hour, "--type", "doctor.updated"]],
])("%j is a usage error", async (args) => {
  await expect(harness.replay(...args)).rejects.toMatchObject({ name: "UsageError" });
});

test("an archive that fails midway ends the command, with one line and exit code 1", async () => {
  for (let minute = 0; minute < 9; minute++) harness.archived(minute);
  for (const failing of [2, 3]) {
    harness.archive.failsFromPage(failing);
    onTestFinished(() => harness.archive.failsFromPage(Infinity));
    const command = startProcess("src/cli.ts", {
      DATABASE_URL: harness.database.url,
      AMQP_URL: harness.vhost.amqpUrl,
      PRODUCER_OPS_URL: harness.archive.url,
      PRODUCER_OPS_KEY: harness.archive.key,
    }, ["replay", "--job", "analytics", ...hour]);
    onTestFinished(() => void command.child.kill("SIGKILL"));
    expect(await command.exited).toBe(1);
    expect(command.output).toEqual([expect.stringMatching(/^consumer replay failed: GET .* answered 503/)]);
  }
});

test("a replay that ends early leaves nothing behind that goes on publishing", async () => {
  for (let minute = 0; minute < 9; minute++) harness.archived(minute);
  harness.archive.failsFromPage(2);
  onTestFinished(() => harness.archive.failsFromPage(Infinity));
  let tries = 0;
  const publish = () => {
    tries += 1;
    return Promise.reject(new Error("message nacked"));
  };
  const replay = replayArchive(
    {
      model: await harness.connection.current(AbortSignal.timeout(5_000)),
      publisher: { publish },
      queue: harness.topology.analytics,
      published: () => {},
    },
    readArchive(harness.archive, {}),
  );
  await expect(replay).rejects.toThrow(/answered 503/);
  const before = tries;
  expect(before).toBeGreaterThan(0);
  await sleep(1_500);
  expect(tries).toBe(before);
});
