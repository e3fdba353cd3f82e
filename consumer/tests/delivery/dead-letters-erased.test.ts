import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noteErased } from "../../src/delivery/erased-appointments.ts";
import { createDeadLetterDesk, type DeadLetterDesk } from "../support/dead-letter-desk.ts";
import { eventually } from "../support/eventually.ts";

let desk: DeadLetterDesk;
beforeAll(async () => {
  desk = await createDeadLetterDesk();
});
afterAll(() => desk.close());

test("a dead letter of an erased patient that comes late is kept without what it said, and settled", async () => {
  const { sql } = desk.harness.database;
  const aggregateId = randomUUID();
  await sql.begin((transaction) => noteErased(transaction, [aggregateId.toUpperCase()], new Date()));
  await desk.harness.publish({
    eventName: "appointment.created",
    aggregateId,
    timestamp: "2026-11-23T08:00:00Z",
    version: 1,
    eventId: randomUUID(),
    payload: {
      patientEmail: "marked-q7x@example.org",
      doctorId: "dr-lovelace",
      appointmentDate: "2026-12-01T10:00:00Z",
    },
  });
  await eventually(async () => expect(await desk.stored(true)).toHaveLength(1));
  const [letter] = await desk.stored(true);
  expect(letter).toMatchObject({
    state: "discarded",
    settledWhy: "the patient was erased",
    headers: {},
    properties: {},
  });
  expect(letter?.body).toHaveLength(0);
  const [row] =
    await sql`select action, aggregate_id from audit_outcomes where job = 'analytics' order by id desc limit 1`;
  expect(row).toEqual({ action: "erased", aggregate_id: aggregateId });
});
