import { afterEach, beforeEach, expect, test } from "vitest";
import { type Api, createApi, doctor } from "./api-under-test.ts";
import { eventually } from "./eventually.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createPrivateVhost, type PrivateVhost } from "./private-vhost.ts";
import { type RunningRelay, startRelay } from "./relay-under-test.ts";

let database: PrivateDatabase;
let vhost: PrivateVhost;
let api: Api;
let relays: RunningRelay[];
/** Of a relay whose renewals come after everything else. */
const rarely = { leaseMs: 60_000, pollMs: 60_000 };

beforeEach(async () => {
  [database, vhost] = await Promise.all([createPrivateDatabase(), createPrivateVhost()]);
  relays = [];
  api = createApi(database.sql);
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await Promise.all([database.drop(), vhost.drop()]);
});

test("a relay that believes it leads after another took over does no harm, and is noticed", async () => {
  const { received } = await vhost.subscribe("#");
  // Its clock stands still, so its lease never ends for it: as in a process that was stopped in the middle of a batch.
  const frozen = startRelay(database.url, vhost.url, { nowMs: () => 0, ...rarely });
  relays.push(frozen);
  await eventually(() => expect(frozen.loop.isLeader()).toBe(true));
  // Its renewals get no answer any more, and somebody else has taken the next term.
  await database.sql`UPDATE relay_lease SET term = term + 1, beat = beat + 1, holder = 'somebody else'`;
  for (let n = 0; n < 5; n++) await api.send("PUT", `/v1/doctors/dr-${n}`, doctor);
  frozen.loop.wake();
  await eventually(async () => expect(await frozen.metric("relay_fenced_total")).toBe(1));
  const next = startRelay(database.url, vhost.url);
  relays.push(next);
  await eventually(async () => expect(await database.sql`SELECT FROM outbox`).toHaveLength(0));

  const archived = await database.sql`SELECT event_id FROM outbox_archive ORDER BY position`;
  expect(archived).toHaveLength(5);
  expect(new Set(received.map((message) => message.properties.messageId)).size).toBe(5);
  expect(frozen.loop.isLeader()).toBe(false);
});

test("what a relay of an earlier term records is refused and counted", async () => {
  await vhost.subscribe("#");
  const frozen = startRelay(database.url, vhost.url, { nowMs: () => 0, ...rarely });
  relays.push(frozen);
  await eventually(() => expect(frozen.loop.isLeader()).toBe(true));
  await database.sql`UPDATE relay_lease SET term = term + 1, holder = 'somebody else'`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  frozen.loop.wake();
  await eventually(async () => expect(await frozen.metric("relay_fenced_total")).toBe(1));
  expect(frozen.loop.isLeader()).toBe(false);
  expect(await database.sql`SELECT FROM outbox_archive`).toHaveLength(0);
  expect(await database.sql`SELECT FROM outbox`).toHaveLength(1);

  // It begins with a pause after what it could not record.
  const archived = (count: number) =>
    eventually(async () => {
      frozen.loop.wake();
      expect(await database.sql`SELECT FROM outbox_archive`).toHaveLength(count);
    });
  // Leading again it publishes and records this one, and what comes after it.
  await database.sql`UPDATE relay_lease SET beat = beat + 1, holder = NULL`;
  await archived(1);
  await api.send("PUT", "/v1/doctors/dr-hopper", doctor);
  await archived(2);
  expect(frozen.failures()).toBe(0);
});

test("what another instance writes goes out, though no commit of this one announces it", async () => {
  await vhost.subscribe("#");
  const leader = startRelay(database.url, vhost.url, { leaseMs: 60_000 });
  relays.push(leader);
  await eventually(() => expect(leader.loop.isLeader()).toBe(true));
  for (const name of ["first", "second"]) {
    await api.send("PUT", `/v1/doctors/dr-${name}`, doctor);
    await eventually(async () => expect(await database.sql`SELECT FROM outbox`).toHaveLength(0));
  }
  expect(await database.sql`SELECT FROM outbox_archive`).toHaveLength(2);
});

test("followers keep to the sessions that they have", async () => {
  relays.push(startRelay(database.url, vhost.url), startRelay(database.url, vhost.url));
  await eventually(() => expect(relays.filter(({ loop }) => loop.isLeader())).toHaveLength(1));
  const sessions = async () => {
    const rows = await database.sql<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'appointment-producer relay'`;
    return rows.map(({ pid }) => pid);
  };
  const seen = new Set<number>();
  const [start] = await database.sql<{ at: Date }[]>`SELECT clock_timestamp() AS at`;
  await eventually(async () => {
    for (const pid of await sessions()) seen.add(pid);
    const [now] = await database.sql<{ past: boolean }[]>`
      SELECT clock_timestamp() > ${start!.at}::timestamptz + interval '4 seconds' AS past`;
    expect(now?.past).toBe(true);
  });
  // Two relays of two connections each: whoever opened one a second would have had more by now.
  expect(seen.size).toBeLessThanOrEqual(4);
});
