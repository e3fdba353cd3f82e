import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { prune } from "../src/prune.ts";
import { type Api, booking, createApi, doctor, readOnlyKey } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.sql`TRUNCATE appointments, doctors, outbox, taken_times, idempotency_keys`;
  for (const id of ["dr-lovelace", "dr-hopper"]) await api.send("PUT", `/v1/doctors/${id}`, doctor);
  await database.sql`TRUNCATE outbox`;
});

const at = (time: string) => `2030-07-01T${time}:00+02:00`;
const hold = (time = "10:00", change: object = {}, headers: Record<string, string> = {}) =>
  api.send("POST", "/v1/holds", { doctorId: "dr-lovelace", appointmentDate: at(time), ...change }, headers);
const book = (time = "10:00", change: object = {}, headers: Record<string, string> = {}) =>
  api.send("POST", "/v1/appointments", { ...booking, appointmentDate: at(time), ...change }, headers);
const held = async (...parameters: Parameters<typeof hold>) => (await (await hold(...parameters)).json()).id as string;

/** As if its minutes had gone by. */
const expire = (id: string) =>
  database.sql`UPDATE taken_times SET held_until = now() - interval '1 second' WHERE id = ${id}`;

async function slots(query = ""): Promise<string[]> {
  const range = `from=${encodeURIComponent(at("09:00"))}&to=${encodeURIComponent(at("12:00"))}`;
  const response = await api.send("GET", `/v1/doctors/dr-lovelace/slots?${range}${query}`);
  return (await response.json()).items.map(({ start }: { start: string }) => start);
}

async function expectProblem(response: Awaited<ReturnType<typeof book>>, status: number, type: string) {
  const problem = await response.json();
  expect(problem).toMatchObject({ status, type: `/problems/${type}` });
  return problem;
}

test("a hold keeps its time from slots, bookings and other holds, and says until when", async () => {
  const response = await hold();
  expect(response.status).toBe(201);
  const { id, expiresAt, ...rest } = await response.json();
  expect(rest).toEqual({ doctorId: "dr-lovelace", appointmentDate: at("10:00"), durationMinutes: 30 });
  const seconds = (Date.parse(expiresAt) - Date.now()) / 1000;
  expect(seconds).toBeGreaterThan(290);
  expect(seconds).toBeLessThan(301);

  expect(await slots()).not.toContain(at("10:00"));
  for (
    const refused of [await book(), await hold(), await book("09:45"), await hold("10:15", { durationMinutes: 5 })]
  ) {
    const { alternatives } = await expectProblem(refused, 409, "slot-unavailable");
    expect(alternatives.map(({ start }: { start: string }) => start)).not.toContain(at("10:00"));
  }
  expect((await book("10:30")).status).toBe(201);
  expect((await book("10:00", { doctorId: "dr-hopper" })).status).toBe(201);
  expect((await book("10:00", { holdId: id })).status).toBe(201);
});

test("only the hold's id books its time, once, and within it", async () => {
  const id = await held("10:00", { durationMinutes: 60 });
  for (const change of [{ doctorId: "dr-hopper" }, { appointmentDate: at("10:30"), durationMinutes: 45 }]) {
    const { errors } = await expectProblem(await book("10:00", { holdId: id, ...change }), 400, "invalid-value");
    expect(errors).toEqual([{ in: "body", pointer: "#/holdId", detail: "holds another time" }]);
  }
  const other = "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b22";
  await expectProblem(await book("09:00", { holdId: other }), 409, "hold-expired");
  const key = { "Idempotency-Key": "the-booking" };
  const booked = await book("10:30", { holdId: id }, key);
  expect(booked.status).toBe(201);
  await expectProblem(await book("11:00", { holdId: id }), 409, "hold-expired");
  const again = await book("10:30", { holdId: id }, key);
  expect(await again.json()).toEqual(await booked.json());
  // What the visit did not need of the hold is free again.
  expect((await book("10:00")).status).toBe(201);
});

test("a refused booking leaves the hold as it was", async () => {
  const id = await held();
  await expectProblem(await book("10:00", { holdId: id, durationMinutes: 60 }), 400, "invalid-value");
  await expectProblem(await book(), 409, "slot-unavailable");
  expect((await book("10:00", { holdId: id })).status).toBe(201);
});

test("an expired hold blocks nobody: not a slot, a booking, a move, a hold or an alternative", async () => {
  const refill = async () => {
    const id = await held();
    await expire(id);
    return id;
  };
  const expired = await refill();
  expect(await slots()).toContain(at("10:00"));
  await expectProblem(await book("10:00", { holdId: expired }), 409, "hold-expired");
  const booked = await book("11:00");
  const { alternatives } = await (await book("11:00")).json();
  expect(alternatives.map(({ start }: { start: string }) => start)).toContain(at("10:30"));

  await refill();
  const moved = await api.send("PATCH", booked.headers.get("Location") as string, { appointmentDate: at("10:00") }, {
    "If-Match": "*",
  });
  expect(moved.status).toBe(200);
  await api.send("POST", `${booked.headers.get("Location")}/cancel`);
  await refill();
  expect((await hold("09:45")).status).toBe(201);
  await database.sql`DELETE FROM taken_times`;
  await refill();
  expect((await book("10:15")).status).toBe(201);
});

test("of many callers who want a time whose hold expired, one gets it, whether to book or to hold", async () => {
  for (let round = 0; round < 10; round++) {
    await database.sql`TRUNCATE appointments, taken_times`;
    await expire(await held());
    const callers = Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? book() : hold("10:15")));
    const statuses = (await Promise.all(callers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
  }
}, 60_000);

test("many callers who redeem one hold: one books, and nothing else of its time is lost or taken twice", async () => {
  const id = await held("10:00", { durationMinutes: 60 });
  const callers = Array.from(
    { length: 30 },
    (_, n) => n % 3 === 0 ? book("10:30") : book(n % 2 === 0 ? "10:00" : "10:30", { holdId: id }),
  );
  const statuses = (await Promise.all(callers)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(1);
  const overlaps = await database.sql`
    SELECT FROM taken_times a JOIN taken_times b ON a.doctor_id = b.doctor_id AND a.id < b.id
      AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)`;
  expect(overlaps).toHaveLength(0);
  const [visits] = await database.sql`SELECT count(*)::int AS count FROM appointments`;
  expect(visits?.["count"]).toBe(statuses.filter((status) => status === 201).length);
});

test("a hold that is released is gone at once, and releasing it again is fine", async () => {
  const id = await held();
  for (let time = 0; time < 2; time++) expect((await api.send("DELETE", `/v1/holds/${id}`)).status).toBe(204);
  expect(await slots()).toContain(at("10:00"));
  expect((await hold()).status).toBe(201);
  const visit = (await (await book("11:00")).json()).id;
  expect((await api.send("DELETE", `/v1/holds/${visit}`)).status).toBe(204);
  await expectProblem(await book("11:00"), 409, "slot-unavailable");
});

test("a hold is no appointment: no event, no list, no personal data", async () => {
  const id = await held();
  expect(await database.sql`SELECT FROM outbox`).toHaveLength(0);
  expect((await (await api.send("GET", "/v1/appointments")).json()).items).toEqual([]);
  expect((await api.send("GET", `/v1/appointments/${id}`)).status).toBe(404);
  const columns = await database.sql<{ column_name: string }[]>`
    SELECT column_name FROM information_schema.columns WHERE table_name = 'taken_times'`;
  expect(columns.map(({ column_name }) => column_name).sort())
    .toEqual(["doctor_id", "ends_at", "held_until", "id", "starts_at"]);
  await api.send("DELETE", `/v1/holds/${id}`);
  expect(await database.sql`SELECT FROM outbox`).toHaveLength(0);
});

test("an Idempotency-Key gets the same hold again", async () => {
  const key = { "Idempotency-Key": "one-hold" };
  const first = await (await hold("10:00", {}, key)).json();
  const again = await hold("10:00", {}, key);
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await again.json()).toEqual(first);
  const release = () => api.send("DELETE", `/v1/holds/${first.id}`, undefined, { "Idempotency-Key": "release" });
  expect((await release()).status).toBe(204);
  expect((await release()).headers.get("Idempotency-Replayed")).toBe("true");
});

test.each([
  ["no time at all", { holdMinutes: 0 }, "#/holdMinutes"],
  ["more than a quarter of an hour", { holdMinutes: 16 }, "#/holdMinutes"],
  ["a time in the past", { appointmentDate: "2020-07-01T10:00:00Z" }, "#/appointmentDate"],
  ["a time with seconds", { appointmentDate: "2030-07-01T10:00:01Z" }, "#/appointmentDate"],
  ["a doctor who is not known", { doctorId: "nobody" }, "#/doctorId"],
  ["a patient", { patientEmail: "ada@example.org" }, "#/patientEmail"],
])("a hold of %s is refused", async (_, change, pointer) => {
  const response = await hold("10:00", change);
  expect(response.status).toBe(400);
  expect((await response.json()).errors[0].pointer).toBe(pointer);
});

test("what the doctor does not work can't be held, and who may only read can't hold", async () => {
  const workingHours = [{ weekday: 1, start: "09:00", end: "11:00" }];
  await api.send("PUT", "/v1/doctors/dr-lovelace", { ...doctor, workingHours });
  await expectProblem(await hold("10:45"), 409, "outside-working-hours");
  await expectProblem(await hold("10:00", {}, { "X-API-Key": readOnlyKey }), 403, "forbidden");
  expect((await hold("10:00", { holdMinutes: 15 })).status).toBe(201);
});

test("a visit from before holds were guarded is not held over; a cancelled one is", async () => {
  const { id } = await (await book()).json();
  await database.sql`DELETE FROM taken_times`;
  await expectProblem(await hold("10:15"), 409, "slot-unavailable");
  await api.send("POST", `/v1/appointments/${id}/cancel`);
  expect((await hold("10:15")).status).toBe(201);
});

test("the database itself refuses a visit over a hold, and a hold over a visit", async () => {
  await hold();
  await book("11:00");
  const visit = (await database.sql`SELECT id FROM appointments`)[0]?.["id"];
  await expect(database.sql`
    UPDATE appointments SET starts_at = ${at("10:15")}, ends_at = ${at("10:20")} WHERE id = ${visit}`)
    .rejects.toMatchObject({ code: "23P01", constraint_name: "times_are_taken_once" });
  await expect(database.sql`
    INSERT INTO taken_times VALUES (gen_random_uuid(), 'dr-lovelace', ${at("11:15")}, ${at("11:20")}, now())`)
    .rejects.toMatchObject({ code: "23P01" });
});

test("an overbooked visit takes no time from a hold, and needs none", async () => {
  const id = await held();
  expect((await book("10:00", { overbook: true })).status).toBe(201);
  expect((await book("10:00", { holdId: id })).status).toBe(201);
});

test("what takes no time any more is pruned, and nothing else", async () => {
  await expire(await held("09:00"));
  const living = await held("10:00");
  const { id } = await (await book("11:00")).json();
  await database.sql`
    INSERT INTO taken_times VALUES (gen_random_uuid(), 'dr-lovelace', '2020-01-01T10:00Z', '2020-01-01T11:00Z', NULL)`;
  expect(await prune(database.sql, { now: new Date(), archiveDays: 400 })).toMatchObject({ times: 2 });
  const left = await database.sql<{ id: string }[]>`SELECT id FROM taken_times ORDER BY starts_at`;
  expect(left.map((row) => row.id)).toEqual([living, id]);
});
