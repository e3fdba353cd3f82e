import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Answer, type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let address: string;
let now: Date;

const longBefore = new Date("2030-06-01T08:00:00Z");
const atItsStart = new Date(booking.appointmentDate);

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
});
afterAll(() => database.drop());

beforeEach(async () => {
  now = longBefore;
  await database.sql`TRUNCATE appointments, doctors, outbox`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  await api.send("PUT", "/v1/doctors/dr-hopper", { ...doctor, timeZone: "America/New_York" });
  address = (await api.send("POST", "/v1/appointments", booking)).headers.get("Location") as string;
});

const patch = (body: object, version = 1, headers: Record<string, string> = {}) =>
  api.send("PATCH", address, body, { "If-Match": `"${version}"`, ...headers });

async function lastEvent() {
  const [row] = await database.sql`SELECT body FROM outbox ORDER BY id DESC LIMIT 1`;
  return JSON.parse(row?.["body"]);
}

async function expectProblem(response: Answer, status: number, code: string, members: object = {}): Promise<void> {
  expect(await response.json()).toMatchObject({ status, type: `/problems/${code}`, ...members });
  expect(response.status).toBe(status);
}

test("a move keeps the id, counts the version up and tells where it was before", async () => {
  const response = await patch({
    doctorId: "dr-hopper",
    appointmentDate: "2030-07-02T09:00:00-04:00",
    durationMinutes: 45,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("ETag")).toBe(`"2"`);
  expect(await response.json()).toMatchObject({
    doctorId: "dr-hopper",
    durationMinutes: 45,
    timeZone: "America/New_York",
  });
  expect(await lastEvent()).toMatchObject({
    eventName: "appointment.rescheduled",
    aggregateVersion: 2,
    payload: {
      doctorId: "dr-hopper",
      appointmentDate: "2030-07-02T09:00:00-04:00",
      durationMinutes: 45,
      previousDoctorId: "dr-lovelace",
      previousAppointmentDate: booking.appointmentDate,
      previousDurationMinutes: 30,
      timeZone: "America/New_York",
    },
  });
});

test("a move that overlaps only itself passes, one onto another visit is refused", async () => {
  expect((await patch({ appointmentDate: "2030-07-01T10:15:00+02:00" })).status).toBe(200);
  await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: "2030-07-01T12:00:00+02:00" });
  await expectProblem(await patch({ appointmentDate: "2030-07-01T12:10:00+02:00" }, 2), 409, "slot-unavailable", {
    alternatives: [expect.anything(), expect.anything(), expect.anything()],
  });
});

test("a change of contact names what is different and nothing else", async () => {
  const response = await patch({ patientEmail: booking.patientEmail, patientPhone: "+4930123456" });
  expect(await response.json()).toMatchObject({ patientPhone: "+4930123456", version: 2 });
  expect(await lastEvent()).toMatchObject({ eventName: "appointment.contact_changed" });
  expect((await lastEvent()).payload).toEqual({ patientPhone: "+4930123456" });
});

test.each([
  ["patientPhone", "+4930123456"],
  ["patientName", "Ada King"],
  ["locale", "de"],
])("null removes %s, and the event names it; a repetition changes nothing", async (field, value) => {
  await patch({ [field]: value });
  const response = await patch({ [field]: null }, 2);
  expect(response.status).toBe(200);
  const body = await response.json();
  expect(body).not.toHaveProperty(field);
  expect(body.version).toBe(3);
  expect((await lastEvent()).payload).toEqual({ removed: [field] });
  expect(await (await api.send("GET", address)).json()).not.toHaveProperty(field);
  expect((await (await patch({ [field]: null }, 3)).json()).version).toBe(3);
});

test("one request can remove, change and leave alone", async () => {
  await patch({ patientPhone: "+4930123456", locale: "de" });
  await patch({ patientEmail: "grace@example.org", patientPhone: null }, 2);
  expect((await lastEvent()).payload).toEqual({ patientEmail: "grace@example.org", removed: ["patientPhone"] });
  expect(await (await api.send("GET", address)).json()).toMatchObject({
    patientEmail: "grace@example.org",
    locale: "de",
  });
});

test.each(["doctorId", "appointmentDate", "durationMinutes", "overbook"])(
  "%s can't be removed",
  async (field) => {
    await expectProblem(await patch({ [field]: null }), 400, "malformed-request", {
      errors: [expect.objectContaining({ in: "body", pointer: `#/${field}` })],
    });
  },
);

test("a zone that is removed is the doctor's, and one that is absent stays", async () => {
  expect(await (await patch({ timeZone: "Asia/Tokyo" })).json()).toMatchObject({ timeZone: "Asia/Tokyo" });
  expect(await (await patch({ durationMinutes: 45 }, 2)).json()).toMatchObject({ timeZone: "Asia/Tokyo" });
  expect(await (await patch({ timeZone: null }, 3)).json()).toMatchObject({ timeZone: "Europe/Berlin" });
});

/** One value of another kind for each member that may be sent. */
const members = {
  durationMinutes: 45,
  timeZone: "Asia/Tokyo",
  appointmentDate: "2030-07-01T12:00:00Z",
  patientEmail: "grace@example.org",
  patientPhone: "+4930654321",
  patientName: "Grace Hopper",
  locale: "fr",
};
test.each(Object.entries(members))("%s alone changes nothing else that was sent", async (field, value) => {
  await api.send("POST", `${address}/cancel`);
  const full = { ...booking, durationMinutes: 60, timeZone: "Europe/Kyiv", patientPhone: "+4930123456", locale: "de" };
  const booked = await (await api.send("POST", "/v1/appointments", { ...full, overbook: true })).json();
  const { version, updatedAt, [field]: _, ...before } = booked;
  const changed = await api.send("PATCH", `/v1/appointments/${booked.id}`, { [field]: value }, { "If-Match": `"1"` });
  const { version: after, updatedAt: when, [field]: now, ...rest } = await changed.json();
  expect([changed.status, version, after]).toEqual([200, 1, 2]);
  expect(Date.parse(when)).toBeGreaterThanOrEqual(Date.parse(updatedAt));
  expect(field === "appointmentDate" ? Date.parse(now) : now).toEqual(
    field === "appointmentDate" ? Date.parse(String(value)) : value,
  );
  // The same instant is shown in the visit's own zone.
  if (field === "timeZone") expect(Date.parse(rest.appointmentDate)).toBe(Date.parse(before.appointmentDate));
  expect({ ...rest, appointmentDate: "" }).toEqual({ ...before, appointmentDate: "" });
});

test("merge patch is a media type of its own, and taken", async () => {
  expect((await patch({ locale: "fr" }, 1, { "Content-Type": "application/merge-patch+json" })).status).toBe(200);
});

test("both kinds of change in one request, and none, are refused", async () => {
  await expectProblem(await patch({ locale: "fr", durationMinutes: 45 }), 400, "malformed-request", {
    errors: [expect.objectContaining({ in: "body", pointer: "#/locale" })],
  });
  await expectProblem(await patch({}), 400, "malformed-request", {
    errors: [expect.objectContaining({ in: "body", pointer: "#" })],
  });
});

test("PATCH needs If-Match, and a stale one is refused; a malformed one too", async () => {
  await expectProblem(await api.send("PATCH", address, { locale: "fr" }), 428, "precondition-required");
  await patch({ locale: "fr" });
  await expectProblem(await patch({ locale: "de" }), 412, "version-mismatch");
  await expectProblem(
    await api.send("PATCH", address, { locale: "de" }, { "If-Match": "2" }),
    400,
    "malformed-request",
  );
  await expectProblem(
    await api.send("PATCH", address, { locale: "de" }, { "If-Match": `W/"1"` }),
    412,
    "version-mismatch",
  );
  expect((await api.send("PATCH", address, { locale: "de" }, { "If-Match": `"1", "2"` })).status).toBe(200);
  expect((await api.send("PATCH", address, { locale: "en" }, { "If-Match": "*" })).status).toBe(200);
});

test.each([`"1"`, `W/"1"`, `"1-gzip"`, `W/"1-br"`, `"1--gzip"`, `"9", W/"1"`, `W/"a,b","1;gzip"`, "*", ` "1" `])(
  "If-Match: %s names version 1",
  async (tag) => {
    now = atItsStart;
    expect((await api.send("PATCH", address, { locale: "fr" }, { "If-Match": tag })).status).toBe(200);
    expect((await api.send("POST", `${address}/cancel`, {}, { "If-Match": tag.replaceAll("1", "2") })).status).toBe(
      200,
    );
  },
);

test.each([`"2"`, `W/"2"`, `"11"`, `W/"10"`, `"1-zip"`, `"gzip"`, `"a,1"`, `"-gzip"`])(
  "If-Match: %s does not name version 1",
  async (tag) => {
    const change = await api.send("PATCH", address, { locale: "fr" }, { "If-Match": tag });
    await expectProblem(change, 412, "version-mismatch");
    await expectProblem(await api.send("POST", `${address}/cancel`, {}, { "If-Match": tag }), 412, "version-mismatch");
  },
);

test.each(["1", 'w/"1"', `"1`, `"1" "2"`, `"1",`, "", `W/ "1"`])("If-Match: %j is no tag", async (tag) => {
  const change = await api.send("PATCH", address, { locale: "fr" }, { "If-Match": tag });
  await expectProblem(change, 400, "malformed-request", {
    errors: [expect.objectContaining({ in: "header", pointer: "#/If-Match" })],
  });
});

test("If-Match is optional on an action, and holds where it is given", async () => {
  await expectProblem(await api.send("POST", `${address}/cancel`, {}, { "If-Match": `"7"` }), 412, "version-mismatch");
  expect((await api.send("POST", `${address}/cancel`, {}, { "If-Match": `"1"` })).status).toBe(200);
});

test("of two concurrent changes with one ETag one is made", async () => {
  const responses = await Promise.all([patch({ locale: "fr" }), patch({ locale: "de" })]);
  expect(responses.map(({ status }) => status).sort()).toEqual([200, 412]);
});

test("GET answers 304 where nothing has changed", async () => {
  expect((await api.send("GET", address, undefined, { "If-None-Match": `"1"` })).status).toBe(304);
  expect((await api.send("GET", address, undefined, { "If-None-Match": `W/"1"` })).status).toBe(304);
  expect((await api.send("GET", address, undefined, { "If-None-Match": `"2"` })).status).toBe(200);
});

test("a visit that was cancelled stays, with its reason, and its time is free again", async () => {
  const response = await api.send("POST", `${address}/cancel`, {
    cancelledBy: "patient",
    reasonCode: "feeling-better",
  });
  expect(await response.json()).toMatchObject({ status: "cancelled", cancelledBy: "patient", version: 2 });
  expect((await lastEvent()).payload).toMatchObject({
    cancelledBy: "patient",
    reasonCode: "feeling-better",
    durationMinutes: 30,
  });
  expect((await (await api.send("GET", address)).json()).status).toBe("cancelled");
  expect((await api.send("POST", "/v1/appointments", booking)).status).toBe(201);
});

test.each([
  [["cancel"], "arrive", []],
  [["arrive"], "cancel", ["complete", "reopen"]],
  [["arrive"], "no-show", ["complete", "reopen"]],
  [[], "complete", ["reschedule", "arrive", "cancel", "no-show"]],
  [["arrive", "complete"], "arrive", ["reopen"]],
  [["no-show"], "cancel", ["reopen"]],
  [["cancel"], "reopen", []],
])("after %j %s is refused, and what is allowed is said", async (before, action, allowedTransitions) => {
  now = atItsStart;
  for (const step of before) expect((await api.send("POST", `${address}/${step}`)).status).toBe(200);
  await expectProblem(await api.send("POST", `${address}/${action}`), 409, "invalid-transition", {
    allowedTransitions,
  });
});

test("a visit that has begun can't be moved", async () => {
  now = atItsStart;
  await api.send("POST", `${address}/arrive`);
  await expectProblem(await patch({ durationMinutes: 45 }, 2), 409, "invalid-transition", { currentStatus: "arrived" });
});

test("a repeated action answers 200 with the same version", async () => {
  now = atItsStart;
  for (let time = 0; time < 2; time++) {
    const response = await api.send("POST", `${address}/arrive`);
    expect([response.status, response.headers.get("ETag")]).toEqual([200, `"2"`]);
  }
});

test("PUT of a doctor holds its preconditions", async () => {
  const put = (headers: Record<string, string>) =>
    api.send("PUT", "/v1/doctors/dr-lovelace", { ...doctor, name: "Ada" }, headers);
  await expectProblem(await put({ "If-Match": `"9"` }), 412, "version-mismatch");
  await expectProblem(await put({ "If-None-Match": "*" }), 412, "version-mismatch");
  expect((await put({ "If-Match": `"1"` })).status).toBe(200);
  expect((await api.send("PUT", "/v1/doctors/dr-new", doctor, { "If-None-Match": "*" })).status).toBe(201);
  await expectProblem(
    await api.send("PUT", "/v1/doctors/dr-other", doctor, { "If-Match": "*" }),
    412,
    "version-mismatch",
  );
});

test("an unknown appointment is 404 for every write", async () => {
  const unknown = "/v1/appointments/0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11";
  await expectProblem(
    await api.send("PATCH", unknown, { locale: "de" }, { "If-Match": "*" }),
    404,
    "appointment-not-found",
  );
  await expectProblem(await api.send("POST", `${unknown}/cancel`), 404, "appointment-not-found");
});
