import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let address: string;

const own = { reference: "case-2030/117 – Ä", metadata: { channel: "web", campaign: "spring checkup" } };

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.sql`TRUNCATE appointments, doctors, outbox, idempotency_keys`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  address = (await api.send("POST", "/v1/appointments", { ...booking, ...own })).headers.get("Location") as string;
});

const patch = (body: object, version: number, headers: Record<string, string> = {}) =>
  api.send("PATCH", address, body, { "If-Match": `"${version}"`, ...headers });
const read = async () => await (await api.send("GET", address)).json();
const events = async () =>
  (await database.sql<{ body: string }[]>`SELECT body FROM outbox WHERE aggregate_type = 'appointment' ORDER BY id`)
    .map(({ body }) => JSON.parse(body));

test("both come back with the booking, and no event knows of them", async () => {
  expect(await read()).toMatchObject(own);
  const published = JSON.stringify(await events());
  for (const text of ["case-2030", "channel", "campaign", "metadata", "reference"]) {
    expect(published).not.toContain(text);
  }
});

test("without them a visit has neither", async () => {
  const response = await api.send("POST", "/v1/appointments", {
    ...booking,
    appointmentDate: "2030-07-02T10:00:00+02:00",
    metadata: {},
  });
  const appointment = await response.json();
  expect(appointment).not.toHaveProperty("reference");
  expect(appointment).not.toHaveProperty("metadata");
});

test("a patch merges metadata key by key, and null removes a key, all of them, or the reference", async () => {
  const merged = await patch({ metadata: { campaign: null, desk: "2" }, reference: "case-2" }, 1);
  expect(merged.headers.get("ETag")).toBe(`"2"`);
  expect(await merged.json()).toMatchObject({ version: 2, reference: "case-2" });
  expect((await read()).metadata).toEqual({ channel: "web", desk: "2" });
  await patch({ reference: null }, 2);
  expect(await read()).not.toHaveProperty("reference");
  expect((await read()).metadata).toEqual({ channel: "web", desk: "2" });
  await patch({ metadata: null }, 3);
  expect(await read()).not.toHaveProperty("metadata");
  expect((await read()).version).toBe(4);
});

test("a change of them alone is a new version and no event, and the same again is neither", async () => {
  const first = await patch({ metadata: { desk: "2" } }, 1);
  const again = await patch({ metadata: { desk: "2", absent: null }, reference: own.reference }, 2);
  expect([first.headers.get("ETag"), again.headers.get("ETag")]).toEqual([`"2"`, `"2"`]);
  expect(await events()).toHaveLength(1);
  expect((await api.send("GET", address, undefined, { "If-None-Match": `"1"` })).status).toBe(200);
});

test("events are counted without holes, whatever changed between them without one", async () => {
  await patch({ metadata: { desk: "2" } }, 1);
  await patch({ locale: "fr", metadata: { desk: null } }, 2);
  await patch({ reference: "case-2" }, 3);
  await patch({ durationMinutes: 45, reference: "case-3" }, 4);
  await api.send("POST", `${address}/cancel`);
  expect((await events()).map(({ eventName, aggregateVersion }) => [eventName, aggregateVersion])).toEqual([
    ["appointment.created", 1],
    ["appointment.contact_changed", 2],
    ["appointment.rescheduled", 3],
    ["appointment.cancelled", 4],
  ]);
  expect(await read()).toMatchObject({ version: 6, reference: "case-3", metadata: own.metadata, status: "cancelled" });
});

test("an instance of the release before knows nothing of them and keeps them", async () => {
  await patch({ metadata: { desk: "2" } }, 1);
  // What that release writes when it changes a contact.
  const { count } = await database.sql`UPDATE appointments SET version = 2, locale = 'fr' WHERE version = 1`;
  expect(count).toBe(1);
  expect(await read()).toMatchObject({ version: 3, locale: "fr", metadata: { ...own.metadata, desk: "2" } });
  expect((await patch({ locale: "de" }, 3)).status).toBe(200);
  expect((await events()).at(-1)).toMatchObject({ aggregateVersion: 3 });
});

test("of two concurrent changes with one ETag one is made, events or not", async () => {
  for (const bodies of [[{ reference: "a" }, { reference: "b" }], [{ reference: "c" }, { locale: "fr" }]]) {
    const { version } = await read();
    const statuses = await Promise.all(bodies.map(async (body) => (await patch(body, version)).status));
    expect(statuses.sort()).toEqual([200, 412]);
  }
});

test("a repeated key gets the first answer and changes nothing again", async () => {
  const headers = { "Idempotency-Key": "key-1" };
  const first = await patch({ reference: "case-2" }, 1, headers);
  await patch({ reference: "case-3" }, 2);
  const repeated = await patch({ reference: "case-2" }, 1, headers);
  expect(repeated.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await repeated.text()).toBe(await first.text());
  expect(await read()).toMatchObject({ reference: "case-3", version: 3 });
});

const many = (count: number, value: string | null = "x") =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`key-${n}`, value]));

test.each<[object, string]>([
  [{ reference: "" }, "#/reference"],
  [{ reference: "x".repeat(101) }, "#/reference"],
  [{ reference: "two\nlines" }, "#/reference"],
  [{ reference: "\u2028" }, "#/reference"],
  [{ reference: 7 }, "#/reference"],
  [{ metadata: [] }, "#/metadata"],
  [{ metadata: "x" }, "#/metadata"],
  [{ metadata: { desk: 2 } }, "#/metadata/desk"],
  [{ metadata: { desk: "" } }, "#/metadata/desk"],
  [{ metadata: { desk: "x".repeat(201) } }, "#/metadata/desk"],
  [{ metadata: { desk: "\u0007" } }, "#/metadata/desk"],
  [{ metadata: { "": "x" } }, "#/metadata/"],
  [{ metadata: { "two words": "x" } }, "#/metadata/two%20words"],
  [{ metadata: { ["x".repeat(41)]: "x" } }, `#/metadata/${"x".repeat(41)}`],
  [{ metadata: { constructor: "x" } }, "#/metadata/constructor"],
  [{ metadata: JSON.parse(`{"__proto__": "x"}`) }, "#/metadata/__proto__"],
  [{ metadata: many(21) }, "#/metadata"],
])("%j is refused by a booking and by a change, and pointed at", async (body, pointer) => {
  const booked = await api.send("POST", "/v1/appointments", { ...booking, ...body });
  const changed = await patch(body, 1);
  for (const response of [booked, changed]) {
    expect(response.status).toBe(400);
    expect((await response.json()).errors).toEqual([expect.objectContaining({ in: "body", pointer })]);
  }
});

test("20 entries are kept, and what a merge would make of them is counted", async () => {
  expect((await patch({ metadata: { ...many(18) } }, 1)).status).toBe(200);
  const refused = await patch({ metadata: { desk: "2" } }, 2);
  expect(refused.status).toBe(400);
  expect((await refused.json()).errors).toEqual([expect.objectContaining({ pointer: "#/metadata" })]);
  const swapped = await patch({ metadata: { ...many(18, null), ...own.metadata, desk: "2" } }, 2);
  expect((await swapped.json()).metadata).toEqual({ ...own.metadata, desk: "2" });
});

test("a booking removes nothing: null is refused there", async () => {
  for (const body of [{ reference: null }, { metadata: null }, { metadata: { desk: null } }]) {
    expect((await api.send("POST", "/v1/appointments", { ...booking, ...body })).status).toBe(400);
  }
});

test("the visits of a reference are found page by page, in the list and in the search", async () => {
  const ids = [(await read()).id];
  for (let day = 2; day <= 6; day++) {
    const appointmentDate = `2030-07-0${day}T10:00:00+02:00`;
    const reference = day % 2 ? "another" : own.reference;
    const response = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate, reference });
    if (reference === own.reference) ids.push((await response.json()).id);
  }
  for (const sort of ["appointmentDate", "-appointmentDate", "updatedAt", "-updatedAt"]) {
    const found: string[] = [];
    let next: string | undefined = `/v1/appointments?${new URLSearchParams({
      reference: own.reference,
      limit: "2",
      sort,
    })}`;
    while (next) {
      const page = await api.send("GET", next);
      found.push(...(await page.json()).items.map(({ id }: { id: string }) => id));
      next = /<([^>]+)>; rel="next"/.exec(page.headers.get("Link") ?? "")?.[1];
    }
    expect(found).toEqual(sort.startsWith("-") ? ids.toReversed() : ids);
  }
  const search = { reference: own.reference, limit: 3 };
  const first = await (await api.send("POST", "/v1/appointments/search", search)).json();
  const second = await (await api.send("POST", "/v1/appointments/search", { ...search, cursor: first.next })).json();
  expect([...first.items, ...second.items].map(({ id }: { id: string }) => id)).toEqual(ids);
  const other = await api.send("GET", "/v1/appointments?reference=CASE-2030");
  expect((await other.json()).items).toEqual([]);
});
