import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queues } from "../../src/generated/topology.ts";
import type { IncidentBundle } from "../../src/incident/bundle.ts";
import { incidentCommand } from "../../src/incident/command.ts";
import { createStandIns } from "../../src/incident/stand-ins.ts";
import { createReplayHarness, type ReplayHarness } from "../support/replay-harness.ts";
import { doctorId, doctorUpdated, historyOf, type Told } from "../support/restored-history.ts";
import { type RunningConsumer, startConsumer } from "../support/running-consumer.ts";
import { uniqueName } from "../support/test-servers.ts";

let harness: ReplayHarness;
let consumer: RunningConsumer;

beforeAll(async () => {
  harness = await createReplayHarness(queues);
  consumer = await startConsumer(harness, { SMTP_URL: "smtp://127.0.0.1:9", MAIL_FROM: "clinic@clinic.example" });
});
afterAll(async () => {
  await consumer?.stop();
  await harness?.close();
});

async function tell(event: Told): Promise<void> {
  const body = JSON.stringify(event);
  harness.archive.events.push({ ...event, publishedAt: new Date().toISOString(), body });
  await harness.publish(event, {}, undefined, event.eventName);
}

test("a bundle has all events with those of the doctor, what was given up and what to expect, and nobody's data", async () => {
  const history = historyOf();
  const doctor = doctorUpdated(1, "2026-03-01T08:00:00Z", { name: "Dr. Grace Hopper", email: "hopper@clinic.example" });
  const created = history.created();
  const contact = history.contact("pat@example.org");
  const broken = { ...history.moved(12), payload: { remark: "call pat@example.org, +4930123456", doctorId: 7 } };
  await tell(doctor);
  await tell(created);
  await tell(contact);
  await harness.publish(broken, {}, undefined, broken.eventName);
  const { sql } = harness.database;
  const done = () => sql`select from inbox where aggregate_id = ${history.aggregateId}`;
  await expect.poll(done).toHaveLength(9);
  await expect.poll(() => sql`select from dead_letters where aggregate_id = ${history.aggregateId}`).toHaveLength(4);

  const file = join(tmpdir(), `${uniqueName("incident")}.json`);
  const { code } = await harness.run(incidentCommand, [created.eventId, "--out", file], { SMS_AUTH_TOKEN: "" });
  expect(code).toBe(0);
  const text = await readFile(file, "utf8");
  await rm(file);
  const bundle: IncidentBundle = JSON.parse(text);
  expect(bundle.events.map(({ eventName }) => eventName)).toEqual([
    "doctor.updated",
    "appointment.created",
    "appointment.contact_changed",
  ]);
  expect(bundle.deadLetters.map(({ job }) => job).toSorted()).toEqual([
    "audit",
    "availability",
    "calendar",
    "notifications",
  ]);
  expect(bundle.expected).toHaveLength(13);
  expect(bundle.expected).toContainEqual({
    job: "calendar",
    eventKey: broken.eventId,
    outcome: "dead letter: schema-violation",
  });
  for (const secret of ["pat@example.org", "Hopper", "hopper", "4930123456", "ops-key", harness.database.url]) {
    expect(text).not.toContain(secret);
  }
  const [told, changed] = [bundle.events[1]!, bundle.events[2]!].map(({ body }) => JSON.parse(body).payload);
  expect(told.patientEmail).toMatch(/^person-\d+@stand-in\.example$/);
  expect(changed.patientEmail).toBe(told.patientEmail);
  expect(told.doctorId).toBe(doctorId);
  expect(JSON.parse(bundle.deadLetters[0]!.body).payload.doctorId).toBe(7);
});

test("without the producer the audit trail tells the events, and what it never kept is made up", async () => {
  const created = historyOf().created();
  await harness.publish(created, {}, undefined, created.eventName);
  const { sql } = harness.database;
  await expect.poll(() => sql`select from inbox where event_key = ${created.eventId}`).toHaveLength(5);
  const alone = { PRODUCER_OPS_URL: "", PRODUCER_OPS_KEY: "" };
  const { printed } = await harness.run(incidentCommand, [created.aggregateId, "--json"], alone);
  const { events }: IncidentBundle = JSON.parse(printed[0]!);
  const told = events.find(({ eventKey }) => eventKey === created.eventId);
  expect(told).toMatchObject({ source: "audit", eventName: "appointment.created" });
  expect(JSON.parse(told!.body)).toMatchObject({
    eventId: created.eventId,
    payload: { patientEmail: expect.stringMatching(/@stand-in\.example$/), doctorId },
  });
});

test("a stand-in is as valid as what it stands for, and what is no JSON stays none", () => {
  const standIns = createStandIns();
  const body = (patientEmail: unknown, patientPhone: unknown) =>
    JSON.parse(standIns.body(JSON.stringify({
      eventName: "appointment.created",
      version: 1,
      payload: { patientEmail, patientPhone },
    }))).payload;
  expect(body("a@b.example", "+4930123456")).toEqual({
    patientEmail: "person-1@stand-in.example",
    patientPhone: "+4915500000002",
  });
  expect(body("a@b", 4930123456)).toEqual({ patientEmail: "person 3 at nowhere", patientPhone: 1 });
  expect(body("", null)).toEqual({ patientEmail: "", patientPhone: null });
  expect(standIns.body("{pat: 1")).toBe("{xxx: x");
  expect(standIns.body('{"eventName":"appointment.created","version":1,"Pat Smith":"x"}')).not.toContain("Pat");
});
