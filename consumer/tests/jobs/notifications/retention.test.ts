import { afterAll, beforeAll, expect, it } from "vitest";
import { prunePatients } from "../../../src/jobs/notifications/prune-patients.ts";
import { prune } from "../../../src/postgres/retention.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness } from "./notifications-harness.ts";

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());

it("forgets patients whose visits are long over, and keeps what is to come or needs a person", async () => {
  const { deliver, sql } = harness;
  await deliver(doctorUpdated("dr-lovelace"));
  const visits = { past: appointmentEvents(), open: appointmentEvents(), future: appointmentEvents() };
  await deliver(visits.past.created());
  await deliver(visits.open.created());
  await deliver(visits.future.created({ appointmentDate: "2028-01-10T10:00:00+01:00" }), { reminderLeadMinutes: [60] });
  await sql`update sends set state = case
    when appointment_id = ${visits.open.appointmentId} then 'unknown' else 'sent' end`;

  await prune(sql, new Date("2027-01-01T00:00:00Z"), prunePatients);

  const kept = await sql`select appointment_id from notification_visits`;
  expect(kept.map((row) => row["appointment_id"])).toEqual([visits.future.appointmentId]);
  const sends = await sql`select distinct appointment_id from sends`;
  expect(sends.map((row) => row["appointment_id"])).toEqual([visits.open.appointmentId]);
});
