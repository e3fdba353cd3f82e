import { createHash, randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAvailabilityApp } from "../../../src/jobs/availability/route.ts";
import { createAvailabilityJob } from "../../../src/jobs/availability/availability.ts";
import { findFreeSlots } from "../../../src/jobs/availability/search.ts";
import { PermanentError } from "../../../src/delivery/permanent-error.ts";
import { createAvailabilityReader } from "../../../src/jobs/availability/availability-reader.ts";
import { clearAvailability } from "../../../src/jobs/availability/availability-store.ts";
import { type Command, commands, durationMinutes, firstDays, hours, shuffled, tellings } from "./commands.ts";
import { oracleSlots, playHistory } from "./oracle.ts";
import { handleEvent, type RawEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

let database: TestDatabase;
const job = createAvailabilityJob();

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const handle = (event: RawEvent) => handleEvent(database.sql, job, event);

test("any history in any order, with repetitions, leads to the producer's free slots", async () => {
  const reader = createAvailabilityReader(database.sql);
  await fc.assert(
    fc.asyncProperty(
      commands,
      fc.tuple(hours, hours),
      fc.record({ firstDay: firstDays, telling: tellings, minutesAfter: fc.integer({ min: -60, max: 24 * 60 }) }),
      durationMinutes,
      fc.infiniteStream(fc.nat()),
      async (commands, firstHours, setting, minutes, randoms) => {
        const doctorIds = [randomUUID(), randomUUID()];
        const introductions = firstHours.map((hours, doctor): Command => ({ kind: "putDoctor", doctor, hours }));
        const history = playHistory(doctorIds, randomUUID, [...introductions, ...commands], setting);
        for (const event of shuffled(history.events, randoms)) await handle(event);

        for (const [doctorId, oracle] of history.doctors) {
          const range = { start: setting.firstDay, end: setting.firstDay + 3 * 24 * 60 * 60_000 };
          const now = range.start + setting.minutesAfter * 60_000;
          const found = await findFreeSlots(reader, doctorId, range, minutes, { now: new Date(now) });
          const ofDoctor = history.visits.filter((visit) => visit.doctorId === doctorId);
          expect(found?.slots.map(({ start }) => start)).toEqual(
            oracleSlots(oracle, ofDoctor, { from: range.start, to: range.end, now }, minutes),
          );
        }
      },
    ),
    { numRuns: 100 },
  );
}, 60_000);

const visitOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const created = (number: number, aggregateVersion?: number): RawEvent => ({
  eventName: "appointment.created",
  aggregateId: visitOf(number),
  timestamp: "2026-03-01T10:00:00Z",
  version: 1,
  ...(aggregateVersion && { aggregateVersion }),
  payload: { patientEmail: "pat@example.org", doctorId: "house", appointmentDate: "2026-05-04T09:00:00+02:00" },
});
const later = (eventName: string, number: number, payload: object = {}, aggregateVersion?: number): RawEvent => ({
  eventName,
  aggregateId: visitOf(number),
  timestamp: "2026-03-01T10:00:01Z",
  version: 1,
  ...(aggregateVersion && { aggregateVersion }),
  payload: { doctorId: "house", appointmentDate: "2026-05-04T09:00:00+02:00", durationMinutes: 30, ...payload },
});
const doctorUpdated = (timeZone: string, aggregateVersion: number): RawEvent => ({
  eventName: "doctor.updated",
  aggregateId: "house",
  timestamp: "2026-03-01T10:00:00Z",
  version: 1,
  aggregateVersion,
  payload: {
    name: "Gregory House",
    email: "house@example.org",
    timeZone,
    workingHours: [{ weekday: 1, start: "09:00", end: "11:00" }],
    exceptions: [],
  },
});

test("a visit that was cancelled before its booking came is cancelled", async () => {
  expect(await handle(later("appointment.cancelled", 1))).toEqual({ kind: "applied" });
  expect(await handle(created(1))).toEqual({ kind: "applied" });
  const [row] = await database.sql`
    select doctor_id, starts_at, status from availability_visits where appointment_id = ${visitOf(1)}`;
  expect(row).toEqual({ doctor_id: "house", starts_at: new Date("2026-05-04T07:00:00Z"), status: "cancelled" });
});

test("what is older than what was applied is ignored, and so is a change of contact", async () => {
  await handle(created(2, 1));
  await handle(later("appointment.cancelled", 2, {}, 3));
  for (
    const event of [created(2, 1), later("appointment.cancelled", 2, {}, 3), later("appointment.arrived", 2, {}, 2)]
  ) {
    expect(await handle(event)).toEqual({ kind: "ignored", reason: "older than what was applied" });
  }
  const contactChanged = later("appointment.contact_changed", 2, { patientEmail: "new@example.org" }, 4);
  expect(await handle(contactChanged)).toEqual({ kind: "ignored", reason: "moves no visit" });
});

test("a doctor's newest hours count; a time zone that nobody knows is refused for good", async () => {
  await handle(doctorUpdated("Europe/Berlin", 2));
  expect((await handle(doctorUpdated("Europe/Berlin", 2))).kind).toBe("ignored");
  expect((await handle(doctorUpdated("UTC", 1))).kind).toBe("ignored");
  expect((await handle(doctorUpdated("Europe/Vienna", 3))).kind).toBe("applied");
  const [row] = await database.sql`select time_zone from availability_doctors where doctor_id = 'house'`;
  expect(row).toEqual({ time_zone: "Europe/Vienna" });
  await expect(handle(doctorUpdated("Mars/Phobos", 4))).rejects.toThrow(PermanentError);
});

test("a retired doctor has no slots, in whatever order it is told, and has them again after returning", async () => {
  const reader = createAvailabilityReader(database.sql);
  const doctorId = randomUUID();
  const told = (aggregateVersion: number, retired?: true): RawEvent => {
    const event = doctorUpdated("UTC", aggregateVersion) as RawEvent & { payload: object };
    return { ...event, aggregateId: doctorId, payload: { ...event.payload, ...(retired ? { retired } : {}) } };
  };
  const day = Date.parse("2026-03-02T00:00:00Z");
  const slots = async () =>
    (await findFreeSlots(reader, doctorId, { start: day, end: day + 86_400_000 }, 30, { now: new Date(day - 1) }))
      ?.slots.length;
  await handle(told(1));
  expect(await slots()).toBeGreaterThan(0);
  await handle(told(3, true));
  expect(await slots()).toBe(0);
  expect((await handle(told(2))).kind).toBe("ignored");
  expect(await slots()).toBe(0);
  await handle(told(4));
  expect(await slots()).toBeGreaterThan(0);
});

test("a visit that is reopened takes its slot again, from its event alone", async () => {
  const place = { doctorId: "house", appointmentDate: "2026-05-04T09:00:00+02:00", durationMinutes: 45 };
  const busy = async (number: number) =>
    await database.sql`
      select status, ends_at from availability_visits
      where appointment_id = ${visitOf(number)} and doctor_id = 'house' and status in ('booked', 'arrived')`;
  await handle(created(5));
  for (const [version, name] of ["arrived", "completed"].entries()) {
    await handle(later(`appointment.${name}`, 5, {}, version + 2));
  }
  expect(await busy(5)).toHaveLength(0);
  expect((await handle(later("appointment.reopened", 5, place, 4))).kind).toBe("applied");
  const held = [{ status: "booked", ends_at: new Date("2026-05-04T07:45:00Z") }];
  expect(await busy(5)).toEqual(held);
  expect((await handle(later("appointment.no_show", 5, {}, 3))).kind).toBe("ignored");
  expect((await handle(later("appointment.reopened", 6, place, 4))).kind).toBe("applied");
  expect(await busy(6)).toEqual(held);
});

test("a visit that another client tells of, with seconds and nine digits of a fraction, is kept to the millisecond", async () => {
  const told = (number: number, appointmentDate: string) =>
    handle({ ...created(number), payload: { patientEmail: "pat@example.org", doctorId: "house", appointmentDate } });
  expect(await told(17, "2026-05-04T09:00:30.123456789+02:00")).toEqual({ kind: "applied" });
  const [row] = await database.sql`select starts_at from availability_visits where appointment_id = ${visitOf(17)}`;
  expect(row).toEqual({ starts_at: new Date("2026-05-04T07:00:30.123Z") });
  await expect(told(18, "2026-05-04T09:00:30.1234567890+02:00")).rejects.toThrow("RFC 3339");
});

test("events of one visit that are handled at the same time lose nothing", async () => {
  const rescheduled = later("appointment.rescheduled", 3, {
    doctorId: "wilson",
    previousDoctorId: "house",
    previousAppointmentDate: "2026-05-04T09:00:00+02:00",
    previousDurationMinutes: 30,
  }, 2);
  await Promise.all([later("appointment.arrived", 3, {}, 3), created(3, 1), rescheduled].map(handle));
  const [row] = await database.sql`
    select doctor_id, place_version, status, status_version from availability_visits
    where appointment_id = ${visitOf(3)}`;
  expect(row).toEqual({ doctor_id: "wilson", place_version: 2, status: "arrived", status_version: 3 });
});

test("cleared and fed again, the tables are the same", async () => {
  const history = [created(4), doctorUpdated("Europe/Rome", 9), later("appointment.arrived", 4)];
  const tables = async () => [
    ...await database.sql`select * from availability_visits`,
    ...await database.sql`select * from availability_doctors`,
  ];
  await clearAvailability(database.sql);
  for (const event of history) await handle(event);
  const before = await tables();
  expect(before).toHaveLength(2);
  await clearAvailability(database.sql);
  expect(await tables()).toEqual([]);
  for (const event of history.toReversed()) await handle(event);
  expect(await tables()).toEqual(before);
});

const deskKey = {
  name: "desk",
  sha256: createHash("sha256").update("desk").digest("hex"),
  scopes: ["availability:read"] as const,
};
const get = (path: string, now = "2026-05-01T00:00:00Z") =>
  createAvailabilityApp({ reader: createAvailabilityReader(database.sql), now: () => new Date(now), keys: [deskKey] })
    .request(path, { headers: { "x-api-key": "desk" } });

test("GET answers the free slots in the doctor's local time", async () => {
  await clearAvailability(database.sql);
  await handle(doctorUpdated("Europe/Berlin", 1));
  await handle(created(5));
  const query = "from=2026-05-01T00:00:00Z&to=2026-05-05T00:00:00%2B02:00&durationMinutes=60";
  const response = await get(`/v1/doctors/house/availability?${query}`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    doctorId: "house",
    timeZone: "Europe/Berlin",
    durationMinutes: 60,
    slots: [{ start: "2026-05-04T10:00:00+02:00", end: "2026-05-04T11:00:00+02:00" }],
  });
});

test("a slot that begins in the range and ends after it meets the visits there, too", async () => {
  await clearAvailability(database.sql);
  await handle(doctorUpdated("Europe/Berlin", 1));
  await handle(later("appointment.rescheduled", 6, {
    appointmentDate: "2026-05-04T10:00:00+02:00",
    previousDoctorId: "house",
    previousAppointmentDate: "2026-05-04T09:00:00+02:00",
    previousDurationMinutes: 30,
  }));
  const query = "from=2026-05-04T07:00:00Z&to=2026-05-04T08:00:00Z&durationMinutes=40";
  const { slots } = await (await get(`/v1/doctors/house/availability?${query}`)).json() as { slots: unknown[] };
  expect(slots).toEqual([{ start: "2026-05-04T09:00:00+02:00", end: "2026-05-04T09:40:00+02:00" }]);
});

test("GET offers nothing that begins in the past or at this moment", async () => {
  await clearAvailability(database.sql);
  await handle(doctorUpdated("Europe/Berlin", 1));
  const path = "/v1/doctors/house/availability?from=2026-05-01T00:00:00Z&to=2026-05-05T00:00:00Z&durationMinutes=60";
  const starts = async (now: string) => {
    const { slots } = await (await get(path, now)).json() as { slots: { start: string }[] };
    return slots.map(({ start }) => start);
  };
  const slots = ["2026-05-04T09:00:00+02:00", "2026-05-04T10:00:00+02:00"];
  expect(await starts("2026-05-04T06:59:59.999Z")).toEqual(slots);
  expect(await starts("2026-05-04T07:00:00Z")).toEqual(slots.slice(1));
  expect(await starts("2026-05-04T08:00:00Z")).toEqual([]);
  expect(await starts("2026-06-01T00:00:00Z")).toEqual([]);
});

test("pages hold all slots once, whatever their size, and the last has no next", async () => {
  await clearAvailability(database.sql);
  const daily = Array.from({ length: 7 }, (_, day) => ({ weekday: day + 1, start: "08:00", end: "24:00" }));
  const event = doctorUpdated("America/New_York", 1) as RawEvent & { payload: object };
  await handle({ ...event, payload: { ...event.payload, workingHours: daily } });
  // The clocks go back within the range.
  const path = "/v1/doctors/house/availability?from=2026-10-20T00:00:00Z&to=2026-11-20T00:00:00Z&durationMinutes=45";
  const read = async (limit: number) => {
    const slots: unknown[] = [];
    const sizes: number[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const page = await (await get(`${path}&limit=${limit}${next && `&cursor=${next}`}`)).json() as {
        slots: unknown[];
        next?: string;
      };
      slots.push(...page.slots);
      sizes.push(page.slots.length);
      next = page.next;
    }
    return { slots, sizes };
  };
  const whole = await read(1_000);
  expect(whole.slots.length).toBeGreaterThan(600);
  expect(whole.sizes).toHaveLength(1);
  for (const limit of [7, 200, whole.slots.length]) {
    const { slots, sizes } = await read(limit);
    expect(slots).toEqual(whole.slots);
    expect(new Set(sizes.slice(0, -1))).toEqual(new Set(sizes.length > 1 ? [limit] : []));
  }
  expect((await (await get(path)).json() as { slots: unknown[] }).slots).toHaveLength(200);
});

test.each([
  ["", ["from", "to"]],
  ["from=2026-05-01&to=2026-05-02T00:00:00Z", ["from"]],
  ["from=2026-05-02T00:00:00Z&to=2026-05-02T00:00:00Z", ["to"]],
  ["from=2026-05-01T00:00:00Z&to=2026-06-01T00:00:01Z", ["to"]],
  ["from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z&durationMinutes=4", ["durationMinutes"]],
  ["from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z&durationMinutes=1e2", ["durationMinutes"]],
  ["from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z&limit=0", ["limit"]],
  ["from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z&limit=1001", ["limit"]],
  ["from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z&cursor=%00", ["cursor"]],
  ["from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z&cursor=1", ["cursor"]],
  ["from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z&duration=30", ["duration"]],
])("GET refuses the query %j and names what is wrong", async (query, names) => {
  const response = await get(`/v1/doctors/house/availability?${query}`);
  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const { errors } = await response.json() as { errors: { pointer: string }[] };
  expect(errors.map(({ pointer }) => pointer)).toEqual(names.map((name) => `#/${name}`));
});

test("GET answers 404 for a doctor of whom nothing was told", async () => {
  const response = await get("/v1/doctors/nobody/availability?from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z");
  expect(response.status).toBe(404);
});
