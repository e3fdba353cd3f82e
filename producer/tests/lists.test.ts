import { Buffer } from "node:buffer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
const ids: string[] = [];

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
  for (const id of ["dr-a", "dr-b", "dr-c"]) await api.send("PUT", `/v1/doctors/${id}`, doctor);
  for (let n = 0; n < 12; n++) {
    const response = await api.send("POST", "/v1/appointments", {
      ...booking,
      doctorId: n % 2 ? "dr-a" : "dr-b",
      patientEmail: n % 3 ? "ada@example.org" : "grace@example.org",
      // Two visits each begin at the same instant: the id decides between them.
      appointmentDate: new Date(Date.UTC(2030, 6, 1 + Math.floor(n / 2), 8)).toISOString(),
    });
    ids.push((await response.json()).id);
  }
  await api.send("POST", `/v1/appointments/${ids[3]}/cancel`);
});
afterAll(() => database.drop());

type Item = { id: string; doctorId: string; appointmentDate: string };

const page = async (query: Record<string, string>) =>
  await api.send("GET", `/v1/appointments?${new URLSearchParams(query)}`);
const list = async (query: Record<string, string>): Promise<Item[]> => (await (await page(query)).json()).items;

async function walk(query: Record<string, string>): Promise<string[]> {
  const found: string[] = [];
  let address: string | undefined = `/v1/appointments?${new URLSearchParams(query)}`;
  while (address) {
    const response = await api.send("GET", address);
    const body = await response.json();
    found.push(...body.items.map((item: Item) => item.id));
    address = /<([^>]+)>; rel="next"/.exec(response.headers.get("Link") ?? "")?.[1];
    expect(address === undefined).toBe(body.next === undefined);
  }
  return found;
}

test.each(["appointmentDate", "-appointmentDate", "updatedAt", "-updatedAt"])(
  "pages sorted by %s hold every appointment once, in order",
  async (sort) => {
    const whole = (await list({ sort })).map((item) => item.id);
    expect([...whole].sort()).toEqual([...ids].sort());
    for (const limit of ["1", "5", "12"]) expect(await walk({ sort, limit })).toEqual(whole);
  },
);

test("a descending list is the ascending one backwards", async () => {
  const ascending = await list({ sort: "appointmentDate" });
  expect(await list({ sort: "-appointmentDate" })).toEqual(ascending.toReversed());
});

test("each filter holds", async () => {
  expect((await list({ doctorId: "dr-a" })).map((item) => item.doctorId)).toEqual(Array(6).fill("dr-a"));
  expect(await list({ patientEmail: "GRACE@example.org" })).toHaveLength(4);
  expect((await list({ status: "cancelled" })).map((item) => item.id)).toEqual([ids[3]]);
  expect(await list({ from: "2030-07-02T08:00:00Z", to: "2030-07-04T08:00:00Z" })).toHaveLength(4);
  expect(await list({ doctorId: "dr-a", status: "booked", from: "2030-07-03T00:00:00Z" })).toHaveLength(4);
  const { updatedAt } = await (await api.send("GET", `/v1/appointments/${ids[3]}`)).json();
  expect((await list({ updatedSince: updatedAt })).map((item) => item.id)).toEqual([ids[3]]);
});

test("without a wish a list is ordered by what narrows it: by updatedAt beside updatedSince", async () => {
  const updatedSince = "2026-01-01T00:00:00Z";
  const byUpdate = await list({ sort: "updatedAt" });
  expect(byUpdate.at(-1)?.id).toBe(ids[3]);
  expect(await list({ updatedSince })).toEqual(byUpdate);
  expect(await list({ updatedSince, sort: "appointmentDate" })).toEqual(await list({}));
  const searched = await api.send("POST", "/v1/appointments/search", { updatedSince });
  expect((await searched.json()).items).toEqual(byUpdate);
});

test("the search gives the same pages without an address in the URL", async () => {
  const body = { patientEmail: "ada@example.org", sort: "-appointmentDate", limit: 5 };
  const first = await (await api.send("POST", "/v1/appointments/search", body)).json();
  const second = await (await api.send("POST", "/v1/appointments/search", { ...body, cursor: first.next })).json();
  const listed = await list({ patientEmail: "ada@example.org", sort: "-appointmentDate" });
  expect([...first.items, ...second.items]).toEqual(listed);
  expect(second.next).toBeUndefined();
});

test("a cursor is bound to its filters and its sort, not to the size of the page", async () => {
  const { next } = await (await page({ doctorId: "dr-a", limit: "2" })).json();
  expect((await page({ doctorId: "dr-a", limit: "3", cursor: next })).status).toBe(200);
  for (const query of [{ doctorId: "dr-b" }, { doctorId: "dr-a", sort: "-appointmentDate" }, {}]) {
    const response = await page({ ...query, cursor: next });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: "/problems/invalid-cursor" });
  }
});

test.each(["", "x", "bm90IGpzb24", "WyJhIiwiYiJd", "e30"])("the made-up cursor %j is refused", async (cursor) => {
  expect((await page({ cursor })).status).toBe(400);
});

test("a cursor with another position than ours is refused, though bound to the right list", async () => {
  const { next } = await (await api.send("GET", "/v1/doctors?limit=1")).json();
  const [bound] = JSON.parse(Buffer.from(next, "base64url").toString());
  for (const position of [["\u0000"], ["not/a/doctor"], [], ["dr-a", "dr-b"]]) {
    const cursor = Buffer.from(JSON.stringify([bound, ...position])).toString("base64url");
    const response = await api.send("GET", `/v1/doctors?cursor=${cursor}`);
    expect(await response.json()).toMatchObject({ status: 400, type: "/problems/invalid-cursor" });
  }
});

test("a refused cursor is pointed at where it was sent", async () => {
  const searched = await api.send("POST", "/v1/appointments/search", { cursor: "x" });
  expect((await searched.json()).errors).toEqual([expect.objectContaining({ in: "body", pointer: "#/cursor" })]);
  expect((await (await page({ cursor: "x" })).json()).errors).toEqual([
    expect.objectContaining({ in: "query", pointer: "#/cursor" }),
  ]);
});

test.each([{ limit: "0" }, { limit: "201" }, { limit: "ten" }, { sort: "name" }, { status: "lost" }, {
  from: "2030-07-01",
}, { docterId: "x" }])(
  "%j is refused and not ignored",
  async (query) => {
    const response = await page(query as Record<string, string>);
    expect(response.status).toBe(400);
    expect((await response.json()).errors[0].pointer).toBe(`#/${Object.keys(query)[0]}`);
  },
);

test("a parameter that is given twice is refused", async () => {
  expect((await api.send("GET", "/v1/appointments?status=booked&status=cancelled")).status).toBe(400);
});

test("doctors are listed by id, page by page", async () => {
  const first = await api.send("GET", "/v1/doctors?limit=2");
  const { items, next } = await first.json();
  expect(items.map((item: Item) => item.id)).toEqual(["dr-a", "dr-b"]);
  const second = await (await api.send("GET", `/v1/doctors?limit=2&cursor=${next}`)).json();
  expect(second.items.map((item: Item) => item.id)).toEqual(["dr-c"]);
  expect(second.next).toBeUndefined();
  expect((await api.send("GET", "/v1/doctors/dr-a")).status).toBe(200);
  expect((await api.send("GET", "/v1/doctors/nobody")).status).toBe(404);
});

test("several doctors and statuses are one list, page by page in one order", async () => {
  const whole = await list({ limit: "200" });
  for (const sort of ["appointmentDate", "-appointmentDate", "createdAt", "-createdAt", "updatedAt", "-updatedAt"]) {
    for (
      const filter of [
        { doctorId: "dr-a,dr-b" },
        { doctorId: "dr-b,dr-c,dr-a,dr-b" },
        { status: "booked,cancelled" },
        { status: "cancelled,arrived" },
        { doctorId: "dr-a,dr-c", status: "booked,cancelled" },
      ] as Record<string, string>[]
    ) {
      const wanted = (field: string, value: string) => filter[field]?.split(",").includes(value) ?? true;
      const expected = whole.filter((item) =>
        wanted("doctorId", item.doctorId) && wanted("status", (item as unknown as { status: string }).status)
      );
      expect((await walk({ sort, ...filter, limit: "2" })).toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
      const all = await list({ sort, ...filter });
      expect(await walk({ sort, ...filter, limit: "2" })).toEqual(all.map(({ id }) => id));
    }
  }
});

test("the search takes one value or a list of them", async () => {
  const search = async (body: object) =>
    (await (await api.send("POST", "/v1/appointments/search", body)).json()).items.map((item: Item) => item.id);
  const both = (await list({ doctorId: "dr-a,dr-b" })).map(({ id }) => id);
  expect(await search({ doctorId: ["dr-b", "dr-a"] })).toEqual(both);
  expect(await search({ doctorId: "dr-a" })).toEqual((await list({ doctorId: "dr-a" })).map(({ id }) => id));
  expect(await search({ status: ["cancelled"] })).toEqual([ids[3]]);
});

test("a cursor goes with its values, in whatever order they are written", async () => {
  const first = await (await page({ doctorId: "dr-a,dr-b", limit: "2" })).json();
  expect((await page({ doctorId: "dr-b,dr-a", limit: "2", cursor: first.next })).status).toBe(200);
  expect((await page({ doctorId: "dr-a", limit: "2", cursor: first.next })).status).toBe(400);
});

test.each<[string, Record<string, string>]>([
  ["status", { status: "booked,lost" }],
  ["status", { status: "booked,,arrived" }],
  ["status", { status: "" }],
  ["doctorId", { doctorId: "dr-a, dr-b" }],
  ["doctorId", { doctorId: Array.from({ length: 21 }, (_, n) => `dr-${n}`).join(",") }],
])("of several values each has to be right: %s", async (name, query) => {
  const refused = await page(query);
  expect(refused.status).toBe(400);
  expect((await refused.json()).errors[0].pointer).toMatch(new RegExp(`^#/${name}`));
});

test("createdSince is about the making, whatever was changed later, and orders by it", async () => {
  const items = await list({ sort: "createdAt" }) as (Item & { createdAt: string; updatedAt: string })[];
  expect(items.map(({ id }) => id)).toEqual(ids);
  const since = items[7]!.createdAt;
  expect((await list({ createdSince: since })).map(({ id }) => id)).toEqual(
    items.filter(({ createdAt }) => createdAt >= since).map(({ id }) => id),
  );
  expect(await walk({ createdSince: since, limit: "2" })).toHaveLength(
    items.filter(({ createdAt }) => createdAt >= since).length,
  );
});
