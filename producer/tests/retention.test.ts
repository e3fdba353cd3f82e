import { afterAll, beforeAll, expect, test } from "vitest";
import { prune } from "../src/prune.ts";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let now = new Date("2030-01-01T00:00:00Z");

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
});
afterAll(() => database.drop());

test("appointments go some days after their end, then doctors who retired as long ago; without a setting none do", async () => {
  for (const id of ["dr-lovelace", "dr-hopper", "dr-noether"]) await api.send("PUT", `/v1/doctors/${id}`, doctor);
  const first = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: "2030-02-01T09:00:00Z" });
  await database.sql`
    INSERT INTO contact_problems (report_id, appointment_id, channel, recipient, reason, since)
    VALUES (gen_random_uuid(), ${(await first.json()).id}, 'sms', 'patient', 'opted_out', ${now})`;
  await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: "2030-03-01T09:00:00Z" });
  await api.send("POST", "/v1/doctors/dr-lovelace/retire");

  now = new Date("2030-02-25T00:00:00Z");
  const rest = { now, archiveDays: 400 };
  expect(await prune(database.sql, rest)).toMatchObject({ appointments: 0, doctors: 0 });
  const days = { ...rest, appointmentDays: 20, doctorDays: 20 };
  expect(await prune(database.sql, days)).toMatchObject({ appointments: 1, doctors: 0 });

  // Not long enough ago.
  now = new Date("2030-03-20T00:00:00Z");
  await api.send("POST", "/v1/doctors/dr-noether/retire");
  now = new Date("2030-04-01T00:00:00Z");
  expect(await prune(database.sql, { ...days, now })).toMatchObject({ appointments: 1, doctors: 1 });
  const left = await database.sql<{ id: string }[]>`SELECT id FROM doctors ORDER BY id`;
  expect(left.map(({ id }) => id)).toEqual(["dr-hopper", "dr-noether"]);
  for (const table of ["taken_times", "contact_problems"]) {
    expect(await database.sql`SELECT FROM ${database.sql(table)}`).toHaveLength(0);
  }
});
