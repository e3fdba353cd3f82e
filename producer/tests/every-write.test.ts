import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, booking, createApi, doctor, sha256 } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let day = 0;
let now = new Date("2029-12-01T00:00:00Z");

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(() => database.drop());

/** A booked appointment on a day of its own. */
async function booked(): Promise<string> {
  const startsAt = new Date(Date.UTC(2030, 0, 1 + day++, 9));
  const response = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: startsAt.toISOString() });
  return `/v1/appointments/${(await response.json()).id}`;
}

/** One whose time has come. */
async function begun(): Promise<string> {
  const address = await booked();
  now = new Date((await (await api.send("GET", address)).json()).appointmentDate);
  return address;
}

async function arrived(): Promise<string> {
  const address = await begun();
  await api.send("POST", `${address}/arrive`);
  return address;
}

async function missed(): Promise<string> {
  const address = await begun();
  await api.send("POST", `${address}/no-show`);
  return address;
}

const change = (body: object) => async (address: string) =>
  await api.send("PATCH", address, body, { "If-Match": `"1"` });
const act = (action: string) => async (address: string) => await api.send("POST", `${address}/${action}`);

type Write = {
  route: string;
  emits: string;
  given: () => Promise<string>;
  when: (address: string) => Promise<unknown>;
};

const at = (address: string) => () => Promise.resolve(address);
const doctorOf = (id: string) => async () => {
  await api.send("PUT", `/v1/doctors/${id}`, doctor);
  return `/v1/doctors/${id}`;
};
const workingDoctor = {
  ...doctor,
  phone: "+4930123456",
  workingHours: [{ weekday: 1, start: "09:00", end: "12:00" }, { weekday: 1, start: "13:00", end: "17:00" }],
  exceptions: [{ date: "2030-12-24", intervals: [{ start: "09:00", end: "12:00" }] }, {
    date: "2030-12-25",
    intervals: [],
  }],
};

const writes: Write[] = [
  {
    route: "put /v1/doctors/{id}",
    emits: "doctor.updated",
    given: at("/v1/doctors/dr-new"),
    when: (address) => api.send("PUT", address, workingDoctor),
  },
  {
    route: "post /v1/doctors/{id}/absences",
    emits: "doctor.updated",
    given: at("/v1/doctors/dr-lovelace"),
    when: (address) => api.send("POST", `${address}/absences`, { from: "2040-12-24", to: "2040-12-31" }),
  },
  {
    route: "post /v1/doctors/{id}/retire",
    emits: "doctor.updated",
    given: doctorOf("dr-retiring"),
    when: (address) => api.send("POST", `${address}/retire`),
  },
  {
    route: "post /v1/doctors/{id}/return",
    emits: "doctor.updated",
    given: async () => {
      const address = await doctorOf("dr-returning")();
      await api.send("POST", `${address}/retire`);
      return address;
    },
    when: (address) => api.send("POST", `${address}/return`),
  },
  {
    route: "post /v1/appointments",
    emits: "appointment.created",
    given: at("/v1/appointments"),
    when: (address) => api.send("POST", address, { ...booking, appointmentDate: "2031-01-01T09:00:00Z" }),
  },
  {
    route: "patch /v1/appointments/{id}",
    emits: "appointment.rescheduled",
    given: booked,
    when: change({ durationMinutes: 45 }),
  },
  {
    route: "patch /v1/appointments/{id}",
    emits: "appointment.contact_changed",
    given: booked,
    when: change({ locale: "fr" }),
  },
  {
    route: "patch /v1/appointments/{id}",
    emits: "appointment.contact_changed",
    given: async () => {
      const address = await booked();
      await api.send("PATCH", address, { patientPhone: "+4930123456" }, { "If-Match": `"1"` });
      return address;
    },
    when: (address) => api.send("PATCH", address, { patientPhone: null }, { "If-Match": "*" }),
  },
  { route: "post /v1/appointments/{id}/cancel", emits: "appointment.cancelled", given: booked, when: act("cancel") },
  { route: "post /v1/appointments/{id}/arrive", emits: "appointment.arrived", given: begun, when: act("arrive") },
  {
    route: "post /v1/appointments/{id}/complete",
    emits: "appointment.completed",
    given: arrived,
    when: act("complete"),
  },
  { route: "post /v1/appointments/{id}/no-show", emits: "appointment.no_show", given: begun, when: act("no-show") },
  {
    route: "post /v1/patients/erase",
    emits: "patient.erased",
    given: booked,
    when: () => api.send("POST", "/v1/patients/erase", { patientEmail: booking.patientEmail }),
  },
  {
    route: "post /ops/failed-notifications",
    emits: "notification.failed",
    given: booked,
    when: (address) =>
      api.send("POST", "/ops/failed-notifications", {
        id: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4be3",
        appointmentId: address.replace("/v1/appointments/", ""),
        channel: "email",
        recipient: "patient",
        notification: "booked",
        reason: "bounced",
        contact: sha256(booking.patientEmail),
        failedAt: "2029-12-01T00:00:00Z",
      }),
  },
  {
    route: "post /ops/opt-outs",
    emits: "patient.opted_out",
    given: async () => {
      await api.send("POST", "/v1/appointments", {
        ...booking,
        patientPhone: "+4930123457",
        appointmentDate: "2040-01-02T09:00:00Z",
      });
      return "/ops/opt-outs";
    },
    when: (address) =>
      api.send("POST", address, {
        id: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4be2",
        channel: "sms",
        contact: sha256("+4930123457"),
        optedOut: true,
        at: "2029-12-01T00:00:00Z",
      }),
  },
  { route: "post /v1/appointments/{id}/reopen", emits: "appointment.reopened", given: missed, when: act("reopen") },
];

/** They read, with what they look for in the body. */
const reads = ["post /v1/appointments/search", "post /v1/patients/export"];

/** They keep or give back a time, and change no appointment. */
const silent = ["post /v1/holds", "delete /v1/holds/{id}"];

test("a hold and its release emit nothing", async () => {
  await database.sql`TRUNCATE outbox`;
  const hold = await api.send("POST", "/v1/holds", {
    doctorId: "dr-lovelace",
    appointmentDate: "2032-01-01T09:00:00Z",
  });
  expect((await api.send("DELETE", `/v1/holds/${(await hold.json()).id}`)).status).toBe(204);
  expect(await database.sql`SELECT FROM outbox`).toHaveLength(0);
});

test.each(writes)("$route emits exactly one event, $emits, and a repetition none", async ({ emits, given, when }) => {
  const address = await given();
  await database.sql`TRUNCATE outbox`;
  await when(address);
  const rows = await database.sql`SELECT event_name FROM outbox`;
  expect(rows.map((row) => row["event_name"])).toEqual([emits]);
  await when(address);
  expect(await database.sql`SELECT FROM outbox`).toHaveLength(1);
});

test("no route that is not a read is missing above", async () => {
  const { paths } = await (await api.request("/openapi.json")).json();
  const described = Object.entries<object>(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method} ${path}`)
  );
  const writing = described.filter((route) => !route.startsWith("get ") && !reads.includes(route));
  expect([...new Set(writes.map(({ route }) => route)), ...silent].sort()).toEqual(writing.sort());
});
