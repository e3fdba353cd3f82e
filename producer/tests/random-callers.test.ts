import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

const callers = 200;
const stepsEach = 6;
const doctors = ["dr-a", "dr-b", "dr-c"];

let database: PrivateDatabase;
let api: Api;
/** The same service after the last visit's start: what happens at a visit happens then. */
let later: Api;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => new Date("2029-12-01T00:00:00Z") });
  later = createApi(database.sql, { now: () => new Date("2030-01-08T00:00:00Z") });
  for (const id of doctors) await api.send("PUT", `/v1/doctors/${id}`, doctor);
  await database.sql`TRUNCATE outbox`;
});
afterAll(() => database.drop());

const pick = <T>(values: readonly T[]) => values[Math.floor(Math.random() * values.length)] as T;
/** Few times and odd lengths, so that visits meet often and in every way. */
const anyVisit = () => ({
  doctorId: pick(doctors),
  appointmentDate: new Date(Date.UTC(2030, 0, 7, 8, 5 * Math.floor(Math.random() * 96))).toISOString(),
  durationMinutes: pick([5, 15, 30, 45, 60]),
});

/** Books, moves, ends, takes back and cancels at random, everybody's visits; returns which version each accepted write was told. */
async function call(known: string[]): Promise<string[]> {
  const told: string[] = [];
  for (let step = 0; step < stepsEach; step++) {
    const address = pick(known);
    const action = Math.random();
    const response = action < 0.5 || !address
      ? await api.send("POST", "/v1/appointments", { ...booking, ...anyVisit() })
      : action < 0.65
      ? await api.send("PATCH", address, anyVisit(), { "If-Match": "*" })
      : action < 0.9
      ? await later.send("POST", `${address}/${pick(["arrive", "complete", "no-show", "reopen", "reopen"])}`)
      : await api.send("POST", `${address}/cancel`);
    expect([200, 201, 409]).toContain(response.status);
    if (response.status === 201) known.push(response.headers.get("Location") as string);
    if (response.ok) told.push(`${(await response.json()).id} ${response.headers.get("ETag")}`);
  }
  return told;
}

test(`${callers} callers at random leave no overlap, one event for each accepted write, and no hole`, async () => {
  const known: string[] = [];
  const told = (await Promise.all(Array.from({ length: callers }, () => call(known)))).flat();

  const overlaps = await database.sql`
    SELECT a.id, b.id FROM appointments a JOIN appointments b ON a.doctor_id = b.doctor_id AND a.id < b.id
      AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
    WHERE a.status IN ('booked', 'arrived') AND b.status IN ('booked', 'arrived')`;
  expect(overlaps).toHaveLength(0);

  const events = await database.sql<{ aggregate_id: string; versions: number[]; now: number }[]>`
    SELECT aggregate_id, array_agg(aggregate_version ORDER BY outbox.id) AS versions, max(a.version) AS now
    FROM outbox JOIN appointments a ON a.id::text = aggregate_id GROUP BY aggregate_id`;
  expect(events).toHaveLength(known.length);
  for (const { versions, now } of events) {
    expect(versions).toEqual(Array.from({ length: now }, (_, index) => index + 1));
  }
  const [reopened] = await database
    .sql`SELECT count(*)::int AS times FROM outbox WHERE event_name = 'appointment.reopened'`;
  expect(reopened?.["times"]).toBeGreaterThan(0);
  // A second cancellation and a move to where it is already are accepted, change nothing, and are told the same version.
  const emitted = events.flatMap(({ aggregate_id, versions }) => versions.map((n) => `${aggregate_id} "${n}"`));
  expect(emitted.length).toBeGreaterThan(known.length);
  expect(emitted.sort()).toEqual([...new Set(told)].sort());
}, 120_000);
