import { afterAll, beforeAll, expect, test } from "vitest";
import type { ArriveLead } from "../src/domain/earliest-step.ts";
import { booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
beforeAll(async () => void (database = await createPrivateDatabase()));
afterAll(() => database.drop());

type Case = {
  zone: string;
  start: string;
  step: "arrive" | "complete" | "no-show";
  lead: ArriveLead;
  /** As the refusal says it. */
  from: string;
};

const inZone = (zone: string, start: string, day: string): Case[] => [
  { zone, start, step: "arrive", lead: "local-day", from: day },
  { zone, start, step: "complete", lead: { minutes: 10_080 }, from: start },
  { zone, start, step: "no-show", lead: "local-day", from: start },
];

test.each([
  ...inZone("Europe/Berlin", "2030-07-01T10:00:00+02:00", "2030-07-01T00:00:00+02:00"),
  // UTC's day is another one.
  ...inZone("Pacific/Kiritimati", "2030-07-02T08:00:00+14:00", "2030-07-02T00:00:00+14:00"),
  ...inZone("America/Los_Angeles", "2030-07-01T18:00:00-07:00", "2030-07-01T00:00:00-07:00"),
  // Days on which the clocks change, at midnight too.
  ...inZone("Europe/Berlin", "2030-03-31T10:00:00+02:00", "2030-03-31T00:00:00+01:00"),
  ...inZone("Europe/Berlin", "2030-10-27T10:00:00+01:00", "2030-10-27T00:00:00+02:00"),
  ...inZone("Asia/Beirut", "2030-03-31T10:00:00+03:00", "2030-03-31T01:00:00+03:00"),
  ...inZone("America/Havana", "2030-11-03T10:00:00-05:00", "2030-11-03T00:00:00-04:00"),
  ...[0, 90, 10_080].map((minutes): Case => ({
    zone: "UTC",
    start: "2030-07-10T08:00:00+00:00",
    step: "arrive",
    lead: { minutes },
    from: new Date(Date.parse("2030-07-10T08:00Z") - minutes * 60_000).toISOString().replace(".000Z", "+00:00"),
  })),
])(
  "$step of $start in $zone is allowed from $from on, a lead of $lead given",
  async ({ zone, start, step, lead, from }) => {
    const first = new Date(from);
    let now = new Date("2029-01-01T00:00:00Z");
    const api = createApi(database.sql, { now: () => now, arriveLead: lead });
    await database.sql`TRUNCATE appointments, doctors, outbox`;
    await api.send("PUT", "/v1/doctors/dr-lovelace", { ...doctor, timeZone: zone });
    const booked = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: start });
    const address = booked.headers.get("Location");
    if (step === "complete") {
      now = first;
      expect((await api.send("POST", `${address}/arrive`)).status).toBe(200);
    }

    for (now of [new Date("2029-01-01T00:00:00Z"), new Date(first.getTime() - 1)]) {
      const refused = await api.send("POST", `${address}/${step}`);
      expect(refused.status).toBe(409);
      expect(await refused.json()).toMatchObject({ type: "/problems/too-early", allowedFrom: from });
    }
    const { version } = await (await api.send("GET", address as string)).json();
    expect(version).toBe(step === "complete" ? 2 : 1);
    now = first;
    expect((await api.send("POST", `${address}/${step}`)).status).toBe(200);
  },
);

test("what the status does not allow is said before what the time does not", async () => {
  const api = createApi(database.sql, { now: () => new Date("2029-01-01T00:00:00Z") });
  await database.sql`TRUNCATE appointments, doctors, outbox`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  const address = (await api.send("POST", "/v1/appointments", booking)).headers.get("Location");
  const refused = await api.send("POST", `${address}/complete`);
  expect(await refused.json()).toMatchObject({ type: "/problems/invalid-transition" });
});

test("a visit that is moved to another day takes its steps at its new time", async () => {
  let now = new Date("2030-07-01T08:00:00Z");
  const api = createApi(database.sql, { now: () => now });
  await database.sql`TRUNCATE appointments, doctors, outbox`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  const booked = await api.send("POST", "/v1/appointments", {
    ...booking,
    appointmentDate: "2030-07-01T12:00:00+02:00",
  });
  const address = booked.headers.get("Location") as string;
  await api.send("PATCH", address, { appointmentDate: "2030-07-03T12:00:00+02:00" }, { "If-Match": `"1"` });
  const refused = await api.send("POST", `${address}/arrive`);
  expect(await refused.json()).toMatchObject({ allowedFrom: "2030-07-03T00:00:00+02:00" });
  now = new Date("2030-07-03T00:00:00+02:00");
  expect((await api.send("POST", `${address}/arrive`)).status).toBe(200);
});
