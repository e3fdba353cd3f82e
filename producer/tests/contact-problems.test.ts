import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Api, booking, createApi, doctor, otherKey, sha256 } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let day = 0;
let now: Date;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
});
beforeEach(async () => {
  now = new Date("2029-12-01T00:00:00Z");
  await database
    .sql`TRUNCATE outbox, outbox_archive, appointments, doctors, taken_times, contact_problems, opt_out_reports`;
  for (const id of ["dr-lovelace", "dr-hopper"]) await api.send("PUT", `/v1/doctors/${id}`, doctor);
});
afterAll(() => database.drop());

const phone = "+4930777123456";

async function book(fields: object = {}): Promise<string> {
  const appointmentDate = new Date(Date.UTC(2030, 0, 1 + day++, 9)).toISOString();
  const answer = await api.send("POST", "/v1/appointments", {
    ...booking,
    patientPhone: phone,
    appointmentDate,
    ...fields,
  });
  expect(answer.status).toBe(201);
  return (await answer.json()).id;
}

const failure = (appointmentId: string, fields: object = {}) => ({
  id: randomUUID(),
  appointmentId,
  channel: "sms",
  recipient: "patient",
  notification: "booked",
  reason: "undelivered",
  contact: sha256(phone),
  failedAt: "2029-11-30T12:00:00.000Z",
  ...fields,
});
const optOut = (fields: object = {}) => ({
  id: randomUUID(),
  channel: "sms",
  contact: sha256(phone),
  optedOut: true,
  at: "2029-11-30T13:00:00.000Z",
  ...fields,
});
const report = (body: object, headers = {}) => api.send("POST", "/ops/failed-notifications", body, headers);
const tell = (body: object) => api.send("POST", "/ops/opt-outs", body);

const read = (id: string, headers = {}) => api.send("GET", `/v1/appointments/${id}`, undefined, headers);
const problemsOf = async (id: string) => (await (await read(id)).json()).contactProblems;

async function told(eventName: string) {
  const rows = await database.sql<
    { body: string }[]
  >`SELECT body FROM outbox WHERE event_name = ${eventName} ORDER BY id`;
  return rows.map(({ body }) => JSON.parse(body));
}

const undelivered = {
  channel: "sms",
  recipient: "patient",
  notification: "booked",
  reason: "undelivered",
  since: "2029-11-30T12:00:00.000Z",
};

test("a notification that did not arrive is shown at its appointment and told once, without a version of the appointment", async () => {
  const id = await book();
  expect(await problemsOf(id)).toBeUndefined();
  const body = failure(id);
  expect(await (await report(body)).json()).toEqual({ id: body.id, shown: true });
  expect(await (await report(body)).json()).toEqual({ id: body.id, shown: true });

  const view = await (await read(id)).json();
  expect(view).toMatchObject({ version: 1, contactProblems: [undelivered], updatedAt: now.toISOString() });
  const events = await told("notification.failed");
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    aggregateId: body.id,
    aggregateVersion: 1,
    timestamp: "2029-11-30T12:00:00.000Z",
    actor: "reception",
  });
  expect(events[0].payload).toEqual({
    appointmentId: id,
    channel: "sms",
    recipient: "patient",
    notification: "booked",
    reason: "undelivered",
  });
  expect(JSON.stringify(events)).not.toMatch(/\+49|@/);

  const listed = await (await api.send("GET", "/v1/appointments?doctorId=dr-lovelace,dr-hopper")).json();
  expect(listed.items[0].contactProblems).toEqual([undelivered]);
});

test("the same report twice at the same time is told once", async () => {
  const id = await book();
  const body = failure(id);
  const answers = await Promise.all([report(body), report(body), report(body)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await told("notification.failed")).toHaveLength(1);
  expect(await problemsOf(id)).toHaveLength(1);
});

test("the ETag changes with what is shown, and a writer's version is good as before", async () => {
  const id = await book();
  expect((await read(id)).headers.get("etag")).toBe('"1"');
  await report(failure(id));
  const changed = await read(id, { "If-None-Match": '"1"' });
  expect(changed.status).toBe(200);
  expect(changed.headers.get("etag")).toBe('"1.1"');
  expect((await read(id, { "If-None-Match": '"1.1"' })).status).toBe(304);
  expect((await read(id, { "If-None-Match": '"1.1-gzip"' })).status).toBe(304);

  const patch = (ifMatch: string) =>
    api.send("PATCH", `/v1/appointments/${id}`, { durationMinutes: 45 }, { "If-Match": ifMatch });
  expect((await patch('"2.1"')).status).toBe(412);
  expect((await patch('"1"')).headers.get("etag")).toBe('"2.1"');
  expect((await patch('"2.1"')).status).toBe(200);
  expect(await problemsOf(id)).toEqual([undelivered]);
});

test("a contact that changed clears the problems of its channel, and is not blamed for what went to the one before", async () => {
  const id = await book();
  await report(failure(id));
  await report(failure(id, { channel: "email", reason: "bounced", contact: sha256(booking.patientEmail) }));
  await report(failure(id, { recipient: "doctor", reason: "refused", contact: sha256("+4930999999") }));
  const change = (body: object) => api.send("PATCH", `/v1/appointments/${id}`, body, { "If-Match": "*" });
  const reasons = async (answer: { json(): Promise<{ contactProblems?: { reason: string }[] }> }) =>
    (await answer.json()).contactProblems?.map(({ reason }) => reason);

  expect((await reasons(await change({ locale: "de" })))?.sort()).toEqual(["bounced", "refused", "undelivered"]);
  expect(await reasons(await change({ patientPhone: "+4930777000" }))).not.toContain("undelivered");
  expect(await reasons(await read(id))).toHaveLength(2);
  expect(await (await report(failure(id))).json()).toMatchObject({ shown: false });
  expect(await told("notification.failed")).toHaveLength(4);
  expect(await reasons(await change({ patientEmail: "Other@Example.org" }))).toEqual(["refused"]);
  const late = failure(id, { channel: "email", reason: "bounced", contact: sha256("other@example.org") });
  expect(await (await report(late)).json()).toMatchObject({ shown: true });
  expect(await reasons(await change({ doctorId: "dr-hopper" }))).toEqual(["bounced"]);
  expect(await reasons(await read(id))).toEqual(["bounced"]);
});

test("a number that opted out is shown at the visits still to come, which one event names, until it opts in", async () => {
  const past = await book();
  now = new Date(Date.UTC(2030, 0, day, 12));
  const [first, second, cancelled] = [await book(), await book(), await book()];
  await book({ patientPhone: "+4930777999" });
  await api.send("POST", `/v1/appointments/${cancelled}/cancel`, {});
  const body = optOut();
  expect(await (await tell(body)).json()).toEqual({ id: body.id, appointments: 2 });
  expect(await (await tell(body)).json()).toEqual({ id: body.id, appointments: 0 });
  const shown = { channel: "sms", recipient: "patient", reason: "opted_out", since: "2029-11-30T13:00:00.000Z" };
  expect(await problemsOf(first)).toEqual([shown]);
  for (const id of [past, cancelled]) expect(await problemsOf(id)).toBeUndefined();
  const events = await told("patient.opted_out");
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ aggregateId: body.id, aggregateVersion: 1 });
  expect(events[0].payload).toEqual({ channel: "sms", appointmentIds: [first, second].sort() });

  await report(failure(second));
  await tell(optOut({ optedOut: false }));
  expect(await problemsOf(first)).toBeUndefined();
  expect(await problemsOf(second)).toEqual([undelivered]);
  expect((await read(first)).headers.get("etag")).toBe('"1.2"');
  // A report that comes again after that changes nothing.
  await tell(body);
  expect(await problemsOf(first)).toBeUndefined();
  expect(await told("patient.opted_out")).toHaveLength(1);
});

test("more visits than one event may name are told in several", async () => {
  await database.sql`
    INSERT INTO appointments (id, version, status, doctor_id, starts_at, ends_at, time_zone, patient_phone, overbooked,
      created_at, updated_at)
    SELECT gen_random_uuid(), 1, 'booked', 'dr-lovelace', at, at + interval '30 minutes', 'UTC', ${phone}, false, at, at
    FROM (SELECT timestamptz '2035-01-01' + n * interval '1 hour' AS at FROM generate_series(1, 120) AS n) AS times`;
  expect(await (await tell(optOut())).json()).toMatchObject({ appointments: 120 });
  const events = await told("patient.opted_out");
  expect(events.map(({ aggregateVersion, payload }) => [aggregateVersion, payload.appointmentIds.length])).toEqual([
    [1, 100],
    [2, 20],
  ]);
});

test("nothing is shown or told of an erased patient, and an export has what was", async () => {
  const id = await book();
  await report(failure(id));
  const exported = await (await api.send("POST", "/v1/patients/export", { patientPhone: phone })).json();
  expect(exported.appointments[0].contactProblems).toEqual([undelivered]);
  expect(exported.events.map(({ event }: { event: { eventName: string } }) => event.eventName)).toContain(
    "notification.failed",
  );
  await api.send("POST", "/v1/patients/erase", { patientPhone: phone });
  expect(await problemsOf(id)).toBeUndefined();
  expect(await database.sql`SELECT FROM contact_problems`).toHaveLength(0);
  const refused = await report(failure(id));
  expect(refused.status).toBe(409);
  expect((await refused.json()).type).toBe("/problems/patient-erased");
  expect(await told("notification.failed")).toHaveLength(1);
});

test("an appointment that is not there is 404, what is no report is 400 and not quoted, and it needs the scope ops", async () => {
  const unknown = await report(failure(randomUUID()));
  expect(unknown.status).toBe(404);
  expect((await unknown.json()).type).toBe("/problems/appointment-not-found");
  const id = await book();
  for (const wrong of [{ reason: "marked-q7x" }, { contact: phone }, { channel: "fax" }, { failedAt: "yesterday" }]) {
    const answer = await report(failure(id, wrong));
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).not.toContain(Object.values(wrong)[0]);
  }
  expect((await report(failure(id), { "X-API-Key": otherKey })).status).toBe(403);
  expect(await told("notification.failed")).toHaveLength(0);
});

test("what a clock ahead of ours reports has happened by now", async () => {
  const id = await book();
  await report(failure(id, { failedAt: "2031-01-01T00:00:00Z" }));
  expect((await problemsOf(id))[0].since).toBe(now.toISOString());
});

test("an id that was reported before is taken once, whatever else it is said to be about", async () => {
  const [first, second] = [await book(), await book()] as const;
  const id = randomUUID();
  const reports = [failure(first, { id }), failure(second, { id }), failure(first, { id })];
  const answers = await Promise.all([...reports.map((body) => report(body)), tell(optOut({ id }))]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect([...await told("notification.failed"), ...await told("patient.opted_out")]).toHaveLength(1);
});
