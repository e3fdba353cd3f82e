import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createSendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { smtpReply, startMailServer } from "./mail-server.ts";

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(() => harness.empty());

it("sends a booked visit to patient and doctor, once", async () => {
  const server = await startMailServer();
  const { deliver, states } = harness;
  await deliver(doctorUpdated("dr-lovelace"));
  const created = appointmentEvents().created();
  expect(await deliver(created)).toMatchObject({ kind: "applied" });
  expect(await deliver(created)).toMatchObject({ kind: "ignored" });

  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url) }));
  await eventually(async () => expect(await states()).toEqual({ sent: 2 }));

  expect(server.mails.map((mail) => mail.to).sort()).toEqual(["ada@example.org", "dr-lovelace@clinic.example"]);
});

it("waits for a doctor who is not known yet and for an appointment's earlier events", async () => {
  const events = appointmentEvents();
  expect(await harness.deliver(events.created())).toMatchObject({ kind: "wait" });
  await harness.deliver(doctorUpdated("dr-lovelace"));

  expect(await harness.deliver(events.cancelled(2))).toMatchObject({ kind: "wait" });
  await harness.deliver(events.created());
  expect(await harness.deliver(events.cancelled(3))).toMatchObject({ kind: "wait" });
  await harness.deliver(events.rescheduled(2));
  expect(await harness.deliver(events.cancelled(3))).toMatchObject({ kind: "applied" });
  expect(await harness.deliver(events.rescheduled(2))).toMatchObject({ kind: "ignored" });
});

it("sends an appointment's mails to each recipient in the order of its versions", async () => {
  const server = await startMailServer({
    // The first mails are slow: without a rule the later ones would overtake them.
    onMail: ({ subject }) =>
      /changed|cancelled/.test(subject) ? undefined : new Promise((resolve) => setTimeout(resolve, 50)),
  });
  const { deliver, states } = harness;
  await deliver(doctorUpdated("dr-lovelace"));
  for (let index = 0; index < 10; index++) {
    const events = appointmentEvents();
    const patientEmail = `patient-${index}@example.org`;
    await deliver(events.created({ patientEmail }));
    await deliver(events.rescheduled(2));
    await deliver(events.cancelled(3));
  }

  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url) }));
  await eventually(async () => expect(await states()).toEqual({ sent: 60 }));

  for (let index = 0; index < 10; index++) {
    const subjects = server.mails.filter((mail) => mail.to === `patient-${index}@example.org`).map((mail) =>
      mail.subject
    );
    expect(subjects.map((subject) => /changed|cancelled/.exec(subject)?.[0])).toEqual([
      undefined,
      "changed",
      "cancelled",
    ]);
  }
});

it("gives up a mail that the server refuses for good, and keeps the reason without the address", async () => {
  const server = await startMailServer({
    onRecipient: (to) => to === "ada@example.org" ? smtpReply(550, "no such user ada@example.org") : undefined,
  });
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.deliver(appointmentEvents().created());

  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url) }));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 1, failed: 1 }));

  const [row] = await harness.sql`select reason from sends where state = 'failed'`;
  expect(row?.["reason"]).toContain("550 no such user (address)");
});

it("tries again later what the server put off, and counts the attempt", async () => {
  let refusals = 0;
  const server = await startMailServer({
    onRecipient: (to) => to === "ada@example.org" && refusals++ === 0 ? smtpReply(450, "greylisted") : undefined,
  });
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.deliver(appointmentEvents().created());

  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url) }));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 1, pending: 1 }));
  const [row] = await harness.sql`select attempts, due_at from sends where state = 'pending'`;
  expect(row?.["attempts"]).toBe(1);
  expect(row?.["due_at"].getTime()).toBeGreaterThanOrEqual(harness.clock.ms + 30_000);

  harness.clock.ms += 60_000;
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 2 }));
});

it.each<[string, (cut: () => void) => void]>([
  ["is lost", (cut) => cut()],
  ["goes silent", () => {}],
])(
  "marks a mail as unknown when the connection %s before the server's answer, and never repeats it",
  async (_, fault) => {
    const received: string[] = [];
    const server = await startMailServer({
      onMail({ to }) {
        received.push(to);
        fault(server.cut);
        return new Promise(() => {});
      },
    });
    await harness.deliver(doctorUpdated("dr-lovelace"));
    await harness.deliver(appointmentEvents().created());

    run(harness.sql, harness.senders({ mailer: harness.mailer(server.url, 1000) }));
    await eventually(async () => {
      // One that was cut off before its first byte is put off for a moment.
      harness.clock.ms += 100;
      expect(await harness.states()).toEqual({ unknown: 2 });
    });
    harness.clock.ms += 24 * 3_600_000;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await harness.states()).toEqual({ unknown: 2 });

    expect(new Set(received).size).toBe(received.length);
  },
);

it("does not forget what came of a mail when PostgreSQL is away for a moment", async () => {
  const server = await startMailServer();
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.deliver(appointmentEvents().created());
  const ledger = createSendLedger({ sql: harness.sql, leaseMs: 600_000, now: () => new Date(harness.clock.ms) });
  let failures = 0;
  const record: typeof ledger.record = (send, result) =>
    failures++ < 3 ? Promise.reject(new Error("the database system is starting up")) : ledger.record(send, result);

  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url), ledger: { ...ledger, record } }));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 2 }));
  expect(server.mails).toHaveLength(2);
});

it("burns no attempt and fails nothing in an hour without the mail server, and then sends everything in order", async () => {
  const { port, stop } = await startMailServer();
  await stop();
  const { deliver, states, clock } = harness;
  await deliver(doctorUpdated("dr-lovelace"));
  const events = appointmentEvents();
  for (const event of [events.created(), events.rescheduled(2), events.cancelled(3)]) await deliver(event);

  run(harness.sql, harness.senders({ mailer: harness.mailer(`smtp://127.0.0.1:${port}`) }));
  for (let minute = 0; minute < 60; minute++) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    clock.ms += 60_000;
  }
  const { sent, failed, unknown } = await states();
  expect({ sent, failed, unknown }).toEqual({});
  const [row] = await harness.sql`select max(attempts) as attempts from sends`;
  expect(row?.["attempts"]).toBe(0);

  const server = await startMailServer({ port });
  await eventually(async () => {
    clock.ms += 60_000;
    expect(await states()).toEqual({ sent: 6 });
  });
  const subjects = server.mails.filter((mail) => mail.to === "ada@example.org").map((mail) => mail.subject);
  expect(subjects.map((subject) => /changed|cancelled/.exec(subject)?.[0])).toEqual([
    undefined,
    "changed",
    "cancelled",
  ]);
});
