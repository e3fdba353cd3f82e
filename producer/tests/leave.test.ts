import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Answer, type Api, apiKey, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let now = new Date("2030-07-01T06:00:00Z");
const address = "/v1/doctors/dr-lovelace";

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
});
afterAll(() => database.drop());

beforeEach(async () => {
  now = new Date("2030-07-01T06:00:00Z");
  await database.sql`TRUNCATE appointments, doctors, outbox, idempotency_keys CASCADE`;
  await api.send("PUT", address, doctor);
});

async function book(appointmentDate: string, more: object = {}): Promise<string> {
  const response = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate, ...more });
  expect(response.status).toBe(201);
  return (await response.json()).id;
}
const absence = (from: string, to: string, headers: Record<string, string> = {}) =>
  api.send("POST", `${address}/absences`, { from, to }, headers);
const events = async () =>
  (await database.sql`SELECT body FROM outbox WHERE event_name = 'doctor.updated' ORDER BY id`).map(({ body }) =>
    JSON.parse(body).payload
  );
const slotsOn = async (day: string) =>
  (await (await api.send("GET", `${address}/slots?from=${day}T00:00:00Z&to=${day}T23:00:00Z`)).json()).items.length;

async function expectProblem(response: Answer, status: number, code: string): Promise<void> {
  expect(await response.json()).toMatchObject({ status, type: `/problems/${code}` });
}

test("an absence takes the days away, names the visits in the way, and is announced once", async () => {
  const ids: string[] = [];
  for (const day of ["09", "10", "11", "12", "13"]) ids.push(await book(`2030-07-${day}T10:00:00+02:00`));
  const cancelled = await book("2030-07-11T12:00:00+02:00");
  await api.send("POST", `/v1/appointments/${cancelled}/cancel`);
  const overbooked = await book("2030-07-11T10:10:00+02:00", { overbook: true });

  const response = await absence("2030-07-10", "2030-07-12");
  expect([response.status, response.headers.get("ETag")]).toEqual([200, `"2"`]);
  const { doctor: changed, visits, totalVisits } = await response.json();
  expect(visits.map(({ id }: { id: string }) => id)).toEqual([ids[1], ids[2], overbooked, ids[3]]);
  expect(totalVisits).toBe(4);
  const exceptions = ["10", "11", "12"].map((day) => ({ date: `2030-07-${day}`, intervals: [] }));
  expect(changed.exceptions).toEqual(exceptions);
  expect(await (await api.send("GET", address)).json()).toEqual(changed);
  expect((await events()).at(-1).exceptions).toEqual(exceptions);

  await expectProblem(
    await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: "2030-07-11T15:00:00+02:00" }),
    409,
    "outside-working-hours",
  );
  expect(await slotsOn("2030-07-11")).toBe(0);

  const again = await absence("2030-07-10", "2030-07-11");
  expect([again.status, again.headers.get("ETag")]).toEqual([200, `"2"`]);
  expect((await again.json()).totalVisits).toBe(3);
  expect(await events()).toHaveLength(2);
});

test.each(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Africa/Cairo", "Etc/GMT+12"])(
  "the days of an absence are those of %s, and what reaches into them is in the way",
  async (timeZone) => {
    await api.send("PUT", address, { ...doctor, timeZone });
    const local = async (text: string, durationMinutes = 30) => {
      const { Temporal } = await import("temporal-polyfill");
      const at = Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).toInstant().toString();
      return await book(at, { durationMinutes });
    };
    await local("2030-07-09T23:00", 60);
    const into = await local("2030-07-09T22:00", 5).then(() => local("2030-07-10T00:00", 10));
    const last = await local("2030-07-10T23:50", 60);
    await local("2030-07-11T01:00");
    const { visits } = await (await absence("2030-07-10", "2030-07-10")).json();
    expect(visits.map(({ id }: { id: string }) => id)).toEqual([into, last]);
  },
);

test("an absence takes the place of other hours of those days and leaves the other days alone", async () => {
  const mornings = (date: string) => ({ date, intervals: [{ start: "09:00", end: "12:00" }] });
  await api.send("PUT", address, { ...doctor, exceptions: [mornings("2030-07-10"), mornings("2030-07-20")] });
  const { doctor: changed } = await (await absence("2030-07-10", "2030-07-11")).json();
  expect(changed.exceptions).toEqual([
    mornings("2030-07-20"),
    { date: "2030-07-10", intervals: [] },
    { date: "2030-07-11", intervals: [] },
  ]);
});

test.each([
  ["2030-07-12", "2030-07-11", "#/to"],
  ["2030-06-01", "2030-06-30", "#/to"],
  ["2030-07-10", "2031-07-11", "#/to"],
  ["2030-02-30", "2030-07-11", "#/from"],
  ["2030-07-10T00:00:00Z", "2030-07-11", "#/from"],
])("an absence from %s to %s is refused", async (from, to, pointer) => {
  const refused = await absence(from, to);
  expect(refused.status).toBe(400);
  expect((await refused.json()).errors).toEqual([expect.objectContaining({ in: "body", pointer })]);
  expect(await events()).toHaveLength(1);
});

test("a doctor has at most a thousand days with other hours", async () => {
  const days = Array.from({ length: 998 }, (_, n) => new Date(Date.UTC(2031, 0, 1 + n)).toISOString().slice(0, 10));
  await api.send("PUT", address, { ...doctor, exceptions: days.map((date) => ({ date, intervals: [] })) });
  expect((await absence("2030-07-10", "2030-07-11")).status).toBe(200);
  expect((await absence("2030-07-12", "2030-07-12")).status).toBe(400);
});

test("the answer holds the first 200 visits and says how many there are", async () => {
  const ids = Array.from({ length: 203 }, () => crypto.randomUUID());
  for (const [index, id] of ids.entries()) {
    const startsAt = new Date(Date.parse("2030-07-10T00:00:00Z") + index * 300_000);
    await database.sql`
      INSERT INTO appointments (id, version, status, doctor_id, starts_at, ends_at, time_zone,
        patient_email, overbooked, created_at, updated_at)
      VALUES (${id}, 1, 'booked', 'dr-lovelace', ${startsAt}, ${new Date(startsAt.getTime() + 300_000)},
        'Europe/Berlin', 'ada@example.org', false, ${now}, ${now})`;
  }
  const { visits, totalVisits } = await (await absence("2030-07-10", "2030-07-11")).json();
  expect(visits.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 200));
  expect(totalVisits).toBe(203);
});

test("no visit slips in between an absence and its answer", async () => {
  const times = Array.from({ length: 12 }, (_, n) => `2030-07-10T${String(8 + n).padStart(2, "0")}:00:00+02:00`);
  const bookings = times.map((appointmentDate) =>
    api.send("POST", "/v1/appointments", { ...booking, appointmentDate })
  );
  const [away, ...booked] = await Promise.all([absence("2030-07-10", "2030-07-10"), ...bookings]);
  const taken = (await Promise.all(booked.filter(({ status }) => status === 201).map((one) => one.json())))
    .map(({ id }) => id);
  const { visits } = await away.json();
  expect(visits.map(({ id }: { id: string }) => id).toSorted()).toEqual(taken.toSorted());
});

test("a retired doctor takes no visits, not even with overbook, and those that there are stay", async () => {
  const kept = await book("2030-07-10T10:00:00+02:00");
  const over = await book("2030-07-01T09:00:00+02:00");
  await api.send("PUT", "/v1/doctors/dr-hopper", doctor);
  const elsewhere = await book("2030-07-10T10:00:00+02:00", { doctorId: "dr-hopper" });
  now = new Date("2030-07-05T06:00:00Z");
  const retired = await api.send("POST", `${address}/retire`);
  expect(retired.status).toBe(200);
  const { doctor: changed, visits, totalVisits } = await retired.json();
  expect(changed).toMatchObject({ version: 2, retiredAt: now.toISOString() });
  expect([visits.map(({ id }: { id: string }) => id), totalVisits]).toEqual([[kept], 1]);
  expect((await events()).at(-1)).toMatchObject({ retired: true });

  for (const overbook of [false, true]) {
    const visit = { ...booking, appointmentDate: "2030-07-11T10:00:00+02:00", overbook };
    await expectProblem(await api.send("POST", "/v1/appointments", visit), 409, "doctor-retired");
    const move = (id: string, change: object) =>
      api.send("PATCH", `/v1/appointments/${id}`, { ...change, overbook }, { "If-Match": "*" });
    await expectProblem(await move(elsewhere, { doctorId: "dr-lovelace" }), 409, "doctor-retired");
    await expectProblem(await move(kept, { appointmentDate: "2030-07-10T11:00:00+02:00" }), 409, "doctor-retired");
  }
  const hold = { doctorId: "dr-lovelace", appointmentDate: "2030-07-11T10:00:00+02:00" };
  await expectProblem(await api.send("POST", "/v1/holds", hold), 409, "doctor-retired");
  expect(await slotsOn("2030-07-11")).toBe(0);
  const several = await api.send(
    "GET",
    "/v1/slots?doctorId=dr-lovelace&from=2030-07-11T00:00:00Z&to=2030-07-12T00:00:00Z",
  );
  expect((await several.json()).items).toEqual([]);

  const change = (body: object) => api.send("PATCH", `/v1/appointments/${kept}`, body, { "If-Match": "*" });
  expect((await change({ durationMinutes: 20 })).status).toBe(200);
  expect((await change({ locale: "fr" })).status).toBe(200);
  expect((await change({ doctorId: "dr-hopper", appointmentDate: "2030-07-12T10:00:00+02:00" })).status).toBe(200);
  expect((await api.send("GET", `/v1/appointments/${over}`)).status).toBe(200);
});

test("retiring and returning are said once each, and a replacement keeps the doctor retired", async () => {
  for (let time = 0; time < 2; time++) {
    expect((await api.send("POST", `${address}/retire`)).headers.get("ETag")).toBe(`"2"`);
  }
  const replaced = await api.send("PUT", address, { ...doctor, name: "Ada King" });
  expect(await replaced.json()).toMatchObject({ version: 3, retiredAt: now.toISOString() });
  for (let time = 0; time < 2; time++) {
    const back = await api.send("POST", `${address}/return`);
    expect(await back.json()).not.toHaveProperty("retiredAt");
    expect(back.headers.get("ETag")).toBe(`"4"`);
  }
  expect((await events()).map(({ retired }) => retired)).toEqual([undefined, true, true, undefined]);
  expect((await api.send("POST", "/v1/appointments", booking)).status).toBe(201);
});

test("each holds If-Match, repeats its answer to one Idempotency-Key, and knows no doctor who is not there", async () => {
  const body = { from: "2030-07-10", to: "2030-07-11" };
  for (const action of ["absences", "retire", "return"]) {
    const sent = action === "absences" ? body : undefined;
    await expectProblem(
      await api.send("POST", `${address}/${action}`, sent, { "If-Match": `"9"` }),
      412,
      "version-mismatch",
    );
    await expectProblem(await api.send("POST", `/v1/doctors/nobody/${action}`, sent), 404, "doctor-not-found");
    const key = { "Idempotency-Key": `key-${action}` };
    const first = await api.send("POST", `${address}/${action}`, sent, key);
    await book("2030-07-20T10:00:00+02:00", { overbook: true }).catch(() => undefined);
    const second = await api.send("POST", `${address}/${action}`, sent, key);
    expect(second.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await second.text()).toBe(await first.text());
  }
});

test("visits are patients' data: who may not read appointments gets none of them", async () => {
  const { createHash } = await import("node:crypto");
  const key = "the-key-of-an-administrator";
  const administrator = createApi(database.sql, {
    now: () => now,
    moreKeys: [{ name: "admin", sha256: createHash("sha256").update(key).digest("hex"), scopes: ["doctors:write"] }],
  });
  const send = (action: string, body?: object) =>
    administrator.send("POST", `${address}/${action}`, body, { "X-API-Key": key });
  for (const response of [await send("absences", { from: "2030-07-10", to: "2030-07-11" }), await send("retire")]) {
    expect(response.status).toBe(403);
    expect(response.headers.get("WWW-Authenticate")).toContain(`scope="doctors:write appointments:read"`);
  }
  expect((await send("return")).status).toBe(200);
  expect((await administrator.send("GET", address, undefined, { "X-API-Key": apiKey })).status).toBe(200);
});
