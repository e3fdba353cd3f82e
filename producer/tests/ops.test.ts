import { afterAll, beforeAll, expect, test } from "vitest";
import { selectArchive } from "../src/outbox/event-log.ts";
import { createRelayStore } from "../src/outbox/outbox-store.ts";
import { prune } from "../src/prune.ts";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

type Event = {
  position: number;
  eventId: string;
  aggregateId: string;
  body: string;
  publishedAt: string;
  lastError?: string;
};

let database: PrivateDatabase;
let api: Api;
let appointmentId: string;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
  const store = createRelayStore(database.sql, "0");
  for (const id of ["dr-lovelace", "dr-b", "dr-c", "dr-d"]) {
    await api.send("PUT", `/v1/doctors/${id}`, doctor);
    await store.archive((await store.selectFresh(10)).map((row) => row.id));
  }
  appointmentId = (await (await api.send("POST", "/v1/appointments", booking)).json()).id;
  const [row] = await store.selectFresh(10);
  await store.markFailed([{ id: row?.id as string, error: "returned: no queue took it" }]);
  await api.send("POST", `/v1/appointments/${appointmentId}/cancel`);
});
afterAll(() => database.drop());

const get = async (path: string, query: Record<string, string> = {}) =>
  await (await api.send("GET", `${path}?${new URLSearchParams(query)}`)).json();
const aggregates = ({ items }: { items: Event[] }) => items.map((item) => item.aggregateId);

test("the archive holds what a replay needs: the exact text and headers, in the order of publication", async () => {
  const { items } = await get("/ops/archive");
  expect(aggregates({ items })).toEqual(["dr-lovelace", "dr-b", "dr-c", "dr-d"]);
  const [row] = await database.sql`SELECT * FROM outbox_archive ORDER BY position LIMIT 1`;
  expect(items[0]).toEqual({
    position: 1,
    eventId: row?.["event_id"],
    eventName: "doctor.updated",
    aggregateId: "dr-lovelace",
    aggregateVersion: 1,
    body: row?.["body"],
    headers: row?.["headers"],
    publishedAt: row?.["published_at"].toISOString(),
    committedAt: row?.["created_at"].toISOString(),
    failedPublications: 0,
  });
});

test("pages and filters of the archive", async () => {
  const first = await get("/ops/archive", { limit: "3" });
  const second = await get("/ops/archive", { limit: "3", cursor: first.next });
  expect([...aggregates(first), ...aggregates(second)]).toEqual(["dr-lovelace", "dr-b", "dr-c", "dr-d"]);
  expect(second.next).toBeUndefined();

  const { publishedAt: from } = first.items[1];
  const { publishedAt: to } = second.items[0];
  expect(aggregates(await get("/ops/archive", { from, to }))).toEqual(["dr-b", "dr-c"]);
  expect(aggregates(await get("/ops/archive", { from: "2999-01-01T00:00:00Z" }))).toEqual([]);
  expect(aggregates(await get("/ops/archive", { aggregateId: "dr-c" }))).toEqual(["dr-c"]);
  expect(aggregates(await get("/ops/archive", { type: "appointment.created" }))).toEqual([]);
  expect((await api.send("GET", "/ops/archive?type=appointment.lost")).status).toBe(400);
  expect((await api.send("GET", `/ops/outbox?cursor=${first.next}`)).status).toBe(400);
});

test("the outbox shows what waits, and why", async () => {
  const { items } = await get("/ops/outbox", { aggregateId: appointmentId });
  expect(items).toEqual([
    expect.objectContaining({ eventName: "appointment.created", attempts: 1, lastError: "returned: no queue took it" }),
    expect.objectContaining({ eventName: "appointment.cancelled", attempts: 0 }),
  ]);
  expect(await get("/ops/outbox", { type: "doctor.updated" })).toEqual({ items: [] });
});

test("the last page before a time reads nothing of what was published since", async () => {
  const [{ last = "" } = {}] = await database.sql`
    WITH added AS (
      INSERT INTO outbox_archive (event_id, event_name, aggregate_type, aggregate_id, aggregate_version, correlation_id,
        occurred_at, body, headers, published_at)
      SELECT gen_random_uuid(), 'doctor.updated', 'doctor', 'dr-new', n, 'x', now(), '{}', '{}',
        now() + n / 20000 * interval '1 day'
      FROM generate_series(1, 40000) n RETURNING position, aggregate_version
    )
    SELECT position::text AS last FROM added WHERE aggregate_version = 19990`;
  await database.sql`ANALYZE outbox_archive`;
  const to = new Date(Date.now() + 3_600_000);
  const filter = { to };
  expect(await selectArchive(database.sql, { filter, after: last, limit: 51 })).toHaveLength(9);

  const query = await selectArchive(database.sql, { filter, after: last, limit: 51 }).describe();
  const parameters = [last, ...query.types.slice(1, -1).map(() => to), 51] as string[];
  const [row] = await database.sql.unsafe(`EXPLAIN (ANALYZE, FORMAT JSON) ${query.string}`, parameters);
  expect(JSON.stringify(row?.["QUERY PLAN"])).not.toMatch(/"Rows Removed by Filter": ?[1-9]\d/);
  expect(await selectArchive(database.sql, { filter: { to: new Date("2999-01-01") }, after: last, limit: 51 }))
    .toHaveLength(51);
  await database.sql`DELETE FROM outbox_archive WHERE aggregate_id = 'dr-new'`;
});

test("the archive is pruned after its retention, and not before", async () => {
  await database.sql`INSERT INTO outbox_archive
    (event_id, event_name, aggregate_type, aggregate_id, aggregate_version, correlation_id, occurred_at, body, headers, published_at)
    SELECT gen_random_uuid(), 'doctor.updated', 'doctor', 'dr-old', n, 'x', now(), '{}', '{}', now() - interval '401 days'
    FROM generate_series(1, 1500) n`;
  expect(await prune(database.sql, { now: new Date(), archiveDays: 402 })).toMatchObject({ events: 0 });
  expect(await prune(database.sql, { now: new Date(), archiveDays: 400 })).toMatchObject({ events: 1500 });
  expect(aggregates(await get("/ops/archive"))).toHaveLength(4);
});
