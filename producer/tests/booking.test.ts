import * as v from "valibot";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventSchemas } from "../src/generated/events.ts";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.sql`TRUNCATE appointments, doctors, outbox`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});

const outbox = () => database.sql`SELECT * FROM outbox ORDER BY id`;

test("a booking answers 201 with its address and its version", async () => {
  const response = await api.send("POST", "/v1/appointments", {
    ...booking,
    patientPhone: "+4930123456",
    locale: "de",
  });

  expect(response.status).toBe(201);
  expect(response.headers.get("ETag")).toBe(`"1"`);
  const appointment = await response.json();
  expect(appointment).toMatchObject({
    ...booking,
    status: "booked",
    version: 1,
    durationMinutes: 30,
    timeZone: "Europe/Berlin",
  });
  expect(response.headers.get("Location")).toBe(`/v1/appointments/${appointment.id}`);

  const read = await api.send("GET", response.headers.get("Location") as string);
  expect(read.status).toBe(200);
  expect(await read.json()).toEqual(appointment);
});

test("a booking and its event are saved together, and the event keeps the contract", async () => {
  const response = await api.send("POST", "/v1/appointments", booking, { "X-Request-Id": "request-1" });
  const { id } = await response.json();

  const [, row] = await outbox();
  expect(row).toMatchObject({ event_name: "appointment.created", aggregate_id: id, aggregate_version: 1 });
  const event = JSON.parse(row?.["body"]);
  expect(v.is(eventSchemas["appointment.created"], event)).toBe(true);
  expect(event).toMatchObject({
    eventName: "appointment.created",
    aggregateId: id,
    version: 1,
    eventId: row?.["event_id"],
    aggregateVersion: 1,
    correlationId: "request-1",
    actor: "reception",
    payload: { ...booking, durationMinutes: 30, timeZone: "Europe/Berlin" },
  });
});

test("a doctor is added with 201, replaced with 200, and the same again emits no second event", async () => {
  const added = await api.send("PUT", "/v1/doctors/dr-hopper", doctor);
  const repeated = await api.send("PUT", "/v1/doctors/dr-hopper", doctor);
  const replaced = await api.send("PUT", "/v1/doctors/dr-hopper", { ...doctor, phone: "+4930111111" });

  expect([added.status, repeated.status, replaced.status]).toEqual([201, 200, 200]);
  expect(repeated.headers.get("ETag")).toBe(`"1"`);
  expect(replaced.headers.get("ETag")).toBe(`"2"`);
  const versions = (await outbox()).filter((row) => row["aggregate_id"] === "dr-hopper").map((row) =>
    row["aggregate_version"]
  );
  expect(versions).toEqual([1, 2]);
});

test("an appointment in the doctor's zone shows that zone's offset", async () => {
  const response = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: "2030-01-07T08:00:00Z" });
  expect((await response.json()).appointmentDate).toBe("2030-01-07T09:00:00+01:00");
});

test("of 50 concurrent bookings of one slot one is made and 49 are refused", async () => {
  const responses = await Promise.all(
    Array.from({ length: 50 }, () => api.send("POST", "/v1/appointments", booking)),
  );

  const statuses = responses.map((response) => response.status).sort();
  expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 409)]);
  const refused = responses.find((response) => response.status === 409);
  expect(await refused?.json()).toMatchObject({ type: "/problems/slot-unavailable", status: 409 });
  expect(await outbox()).toHaveLength(2);
});

test("visits that touch do not overlap, visits of two doctors neither", async () => {
  await api.send("PUT", "/v1/doctors/dr-hopper", doctor);
  const bookings = [
    booking,
    { ...booking, appointmentDate: "2030-07-01T10:30:00+02:00" },
    { ...booking, appointmentDate: "2030-07-01T09:30:00+02:00" },
    { ...booking, doctorId: "dr-hopper" },
  ];
  for (const body of bookings) expect((await api.send("POST", "/v1/appointments", body)).status).toBe(201);
  const inside = { ...booking, appointmentDate: "2030-07-01T10:10:00+02:00", durationMinutes: 5 };
  expect((await api.send("POST", "/v1/appointments", inside)).status).toBe(409);
});

test("a doctor may bear the id of an appointment", async () => {
  const { id } = await (await api.send("POST", "/v1/appointments", booking)).json();
  expect((await api.send("PUT", `/v1/doctors/${id}`, doctor)).status).toBe(201);
});

test("X-Request-Id comes back, and one that could not be logged is replaced", async () => {
  const kept = await api.request("/livez", { headers: { "X-Request-Id": "abc-1" } });
  expect(kept.headers.get("X-Request-Id")).toBe("abc-1");
  for (const unusable of ["two words", "x".repeat(129), "", "ada@example.org", "+4930123456"]) {
    const replaced = await api.request("/livez", { headers: { "X-Request-Id": unusable } });
    expect(replaced.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test("traceparent goes on to the event, and is made where there is none", async () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  await api.send("POST", "/v1/appointments", booking, { traceparent, tracestate: "vendor=1" });
  const broken = { traceparent: "00-0-0-0", tracestate: "vendor=1" };
  await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: "2030-07-02T10:00:00+02:00" }, broken);

  const [, first, second] = await outbox();
  expect(first?.["headers"]).toEqual({ traceparent, tracestate: "vendor=1", "x-event-version": 1 });
  expect(second?.["headers"]).toEqual({
    traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    "x-event-version": 1,
  });
});

test.each(["vendor=ada@example.org", "vendor=+4930123456"])("the tracestate %s goes no further", async (tracestate) => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  await api.send("POST", "/v1/appointments", booking, { traceparent, tracestate });
  expect((await outbox()).at(-1)?.["headers"]).toEqual({ traceparent, "x-event-version": 1 });
});

test("readiness reports the broker and depends on the database only", async () => {
  const response = await api.request("/readyz");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    status: "ready",
    database: "up",
    broker: "down",
    topology: "up",
    reasons: { broker: "no connection" },
  });
});

test("the metrics count what waits in the outbox", async () => {
  const text = await (await api.request("/metrics")).text();
  expect(text).toMatch(/^outbox_pending 1$/m);
  expect(text).toMatch(/^outbox_oldest_age_seconds [0-9.]+$/m);
  for (const name of ["outbox_failed", "events_published_total", "events_nacked_total", "events_returned_total"]) {
    expect(text).toMatch(new RegExp(`^${name} 0$`, "m"));
  }
  expect(text).toContain("event_confirm_seconds_bucket");
});
