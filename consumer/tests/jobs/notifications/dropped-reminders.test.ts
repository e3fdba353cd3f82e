import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { fireReminders } from "../../../src/jobs/notifications/reminder-queue.ts";
import { createSendLedger, type SendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { resendSend } from "../../../src/jobs/notifications/send-operations.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { smtpReply, startMailServer } from "./mail-server.ts";

const hour = 3_600_000;
const begins = Date.parse("2026-12-01T10:00:00+01:00");
const leads = { reminderLeadMinutes: [24 * 60, 2 * 60] };

let harness: Harness;
let ledger: SendLedger;
let events: ReturnType<typeof appointmentEvents>;

beforeAll(async () => {
  harness = await createHarness();
  ledger = createSendLedger({ sql: harness.sql, leaseMs: 60_000, now: () => new Date(harness.clock.ms) });
});
afterAll(() => harness.drop());

/** A visit whose first reminder is the only thing that is still to be said. */
beforeEach(async () => {
  await harness.empty();
  harness.clock.ms = Date.parse("2026-11-23T08:10:00Z");
  events = appointmentEvents();
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.deliver(events.created(), leads);
  await harness.sql`update sends set state = 'sent'`;
  harness.clock.ms = begins - 24 * hour;
  await fire();
});

const fire = () => fireReminders(harness.sql, 50, new Date(harness.clock.ms), { sms: false, defaultLocale: "en" });

const toPatient = async () =>
  (await harness
    .sql`select template, state from sends where recipient = 'ada@example.org' and state <> 'sent' order by id`)
    .map(({ template, state }) => `${template} ${state}`);

const outcomes = async () =>
  (await harness.sql`
    select action, event_key, correlation_id, detail from audit_outcomes
    where aggregate_id = ${events.appointmentId} order by id`)
    .map(({ action, event_key, correlation_id, detail }) => ({ action, event_key, correlation_id, detail }));

it.each(["cancelled", "rescheduled"] as const)(
  "does not bring back a reminder that was on its way to a server that is down when the visit was %s",
  async (what) => {
    const [reminder] = await ledger.start(await ledger.claim("email", 1));
    await harness.deliver(events[what](2), leads);
    expect(await ledger.claim("email", 10)).toMatchObject([{ template: expect.stringMatching(/^doctor-/) }]);

    await ledger.record(reminder!, { state: "pending", reason: "refused", delayMs: 0, attempts: 0 });
    const news = what === "cancelled" ? "patient-cancelled" : "patient-moved";
    expect(await toPatient()).toEqual(["patient-reminder dropped", `${news} pending`]);
    expect(await ledger.claim("email", 10)).toMatchObject([{ template: news }]);
    expect(await outcomes()).toMatchObject([{ action: "dropped", detail: { send: reminder!.id } }]);
  },
);

it("drops a reminder that a sender has claimed and not begun when the visit was cancelled", async () => {
  const claimed = await ledger.claim("email", 1);
  await harness.deliver(events.cancelled(2), leads);

  expect(await toPatient()).toEqual(["patient-reminder dropped", "patient-cancelled pending"]);
  expect(await ledger.start(claimed)).toEqual([]);
  expect(await toPatient()).toEqual(["patient-reminder dropped", "patient-cancelled pending"]);
});

it("tells of the cancellation only, when the mail server goes down while it has the reminder", async () => {
  let cancelled = () => {};
  const cancellation = new Promise<void>((resolve) => cancelled = resolve);
  let reached = false;
  const server = await startMailServer({
    async onMail({ subject }) {
      if (!subject.includes("Reminder")) return;
      reached = true;
      await cancellation;
      throw smtpReply(421, "closing");
    },
  });
  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url), cooldown: { baseMs: 10, capMs: 20 } }));
  await eventually(() => expect(reached).toBe(true));
  await harness.deliver(events.cancelled(2), leads);
  cancelled();
  await eventually(async () => {
    harness.clock.ms += 1000;
    expect(await toPatient()).toEqual(["patient-reminder dropped"]);
  });
  expect(server.mails.filter(({ to }) => to === "ada@example.org").map(({ subject }) => subject)).toEqual([
    expect.stringContaining("cancelled"),
  ]);
});

it.each(["pending", "unknown", "failed", "sent"])(
  "lets nobody send a reminder once more that was %s when the visit was cancelled",
  async (state) => {
    const [row] = await harness.sql`
      update sends set state = ${state} where template = 'patient-reminder' returning id`;
    await harness.deliver(events.cancelled(2), leads);
    const resent = resendSend(harness.sql, { id: row!["id"], actor: "mia", now: new Date(harness.clock.ms) });
    await expect(resent).rejects.toThrow(/is of no use any more/);
  },
);

it("audits a reminder that an event dropped", async () => {
  await harness.deliver(events.cancelled(2), leads);
  expect(await outcomes()).toEqual([{
    action: "dropped",
    event_key: `reminder:${events.appointmentId}:2026-12-01T09:00:00.000Z:1440`,
    correlation_id: "req-1",
    detail: { send: expect.any(String), channel: "email", template: "patient-reminder" },
  }]);
});

it("audits reminders that came too late to say anything", async () => {
  const late = appointmentEvents();
  await harness.deliver(late.created({ appointmentDate: "2026-12-05T10:00:00+01:00" }), leads);
  const lateBegins = Date.parse("2026-12-05T10:00:00+01:00");
  const told = async () =>
    (await harness.sql`select detail, correlation_id from audit_outcomes
      where aggregate_id = ${late.appointmentId} and action = 'dropped' order by id`)
      .map(({ detail, correlation_id }) => ({ ...detail, correlation_id }));

  harness.clock.ms = lateBegins - hour;
  await fire();
  const overtaken = {
    reminder: 1440,
    reason: "a reminder nearer to the visit is due as well",
    correlation_id: "req-1",
  };
  expect(await told()).toEqual([overtaken]);

  await harness.deliver(late.rescheduled(2, { appointmentDate: "2026-12-09T10:00:00+01:00" }), {
    reminderLeadMinutes: [60],
  });
  harness.clock.ms = Date.parse("2026-12-09T10:00:00+01:00");
  await fire();
  expect((await told()).at(-1)).toEqual({ reminder: 60, reason: "the visit has begun", correlation_id: "req-2" });
});
