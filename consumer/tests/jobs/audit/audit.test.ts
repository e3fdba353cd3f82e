import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createAuditJob } from "../../../src/jobs/audit/audit.ts";
import { type AuditHarness, createAuditHarness } from "./audit-harness.ts";
import { historyOf } from "../calendar/calendar-events.ts";
import { handleEvent } from "../../support/handle-event.ts";

let audit: AuditHarness;

beforeAll(async () => {
  audit = await createAuditHarness();
});
afterAll(() => audit.drop());
beforeEach(() => audit.empty());

test.each(["ann@example.org", "+491701234567", "Ann Smith"])("%s as an actor is not kept for ever", async (actor) => {
  await handleEvent(audit.sql, createAuditJob(), { ...historyOf(1).created(), actor });
  await audit.seal();
  expect(await audit.sql`select actor from audit_outcomes`).toEqual([{ actor: null }]);
});

test("the job records every event with who, what and when, and nothing about the patient", async () => {
  const visit = historyOf(1);
  const created = { ...visit.created(), actor: "reception" };
  const history = [
    visit.rescheduled("wilson", "2026-05-06T10:00:00Z"),
    created,
    visit.contactChanged(),
    visit.cancelled(),
  ];
  for (const event of history) {
    expect(await handleEvent(audit.sql, createAuditJob(), event)).toEqual({ kind: "applied" });
  }
  await audit.seal();

  const rows = await audit.sql`select * from audit_outcomes order by id`;
  expect(rows.map((row) => row.event_name)).toEqual(history.map((event) => event.eventName));
  expect(rows[1]).toMatchObject({
    occurred_at: new Date("2026-04-01T10:00:01Z"),
    job: "audit",
    action: "recorded",
    event_key: created.eventId,
    aggregate_id: visit.aggregateId,
    correlation_id: "request-1",
    actor: "reception",
    detail: { doctorId: "house", appointmentDate: "2026-05-04T09:00:00Z" },
  });
  expect(JSON.stringify(rows)).not.toContain("@example.org");
  expect(await audit.verify()).toMatchObject({ rows: 4, waiting: 0, problems: [] });
});

test("rows cannot be changed or removed: nobody has the right, and who takes it is refused by a trigger", async () => {
  await audit.append(1);
  await audit.seal();
  const changes = ["audit_outcomes", "audit_chain"].flatMap((table) => [`delete from ${table}`, `truncate ${table}`]);
  for (const change of [...changes, "update audit_outcomes set action = 'ignored'"]) {
    await expect(audit.sql.unsafe(change)).rejects.toMatchObject({ code: "42501" });
    const takingTheRight = audit.sql.begin(async (transaction) => {
      await transaction`grant all on audit_outcomes, audit_chain to current_user`;
      await transaction.unsafe(change);
    });
    await expect(takingTheRight).rejects.toThrow(/append-only/);
  }
});
