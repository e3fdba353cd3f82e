import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { RecipientReport } from "../../../src/jobs/notifications/bounces/delivery-report.ts";
import { envelopeIdOf } from "../../../src/jobs/notifications/bounces/envelope-id.ts";
import { createMailboxTurns } from "../../../src/jobs/notifications/bounces/mailbox-turns.ts";
import { noteDeliveryReport } from "../../../src/jobs/notifications/bounces/note-delivery-report.ts";
import { messageIdOf } from "../../../src/jobs/notifications/message-writer.ts";
import { createSendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { findSend } from "../../../src/jobs/notifications/send-operations.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness } from "./notifications-harness.ts";

let harness: Harness;
const now = () => new Date(harness.clock.ms);

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  await harness.deliver(doctorUpdated("dr-lovelace"));
});

/** The patient's mail while it is handed over. */
async function startMail() {
  const ledger = createSendLedger({ sql: harness.sql, leaseMs: 600_000, now });
  await harness.deliver(appointmentEvents().created({ patientEmail: "Ada@Example.org" }));
  const started = await ledger.start(await ledger.claim("email", 10));
  const send = started.find(({ recipient }) => recipient === "Ada@Example.org")!;
  const named = { envelopeId: envelopeIdOf({ send: send.id, envelope: send.claim }), messageId: undefined };
  const unnamed = { envelopeId: undefined, messageId: messageIdOf(send, "a@before.example") };
  return { ledger, send, named, unnamed };
}

const about = (action: RecipientReport["action"], address = "ada@example.org"): RecipientReport => ({
  addresses: [address],
  action,
  status: "5.1.1",
});

type By = { envelopeId: string | undefined; messageId: string | undefined };
const note = (by: By, ...recipients: RecipientReport[]) =>
  harness.sql.begin((transaction) => noteDeliveryReport(transaction, { ...by, recipients }, now()));

it.each(
  [
    ["delivered", "sent", "delivered", null],
    ["relayed", "sent", null, null],
    ["expanded", "sent", null, null],
    ["failed", "failed", "undelivered", "not delivered: 5.1.1"],
    ["delayed", "unknown", null, "lost"],
  ] as const,
)("an unknown mail that was %s is %s", async (action, state, receipt, reason) => {
  const { ledger, send, named, unnamed } = await startMail();
  await ledger.record(send, { state: "unknown", reason: "lost" });
  await note(named, about(action));
  expect(await findSend(harness.sql, send.id)).toMatchObject({ state, receipt, reason });

  await harness.sql`update sends set state = 'unknown', reason = 'lost', receipt = null where id = ${send.id}`;
  await note(unnamed, about(action));
  expect(await findSend(harness.sql, send.id)).toMatchObject({ state, receipt, reason });
});

it("the last word is kept, whatever comes after it and however often it comes", async () => {
  const { ledger, send, named } = await startMail();
  await ledger.record(send, { state: "sent", reference: "250 OK" });
  expect(await note(named, about("relayed"), about("failed"), about("delivered"))).toMatchObject([
    { word: "taken", changed: false },
    { word: "undelivered", changed: true },
    { word: "delivered", changed: false },
  ]);
  expect(await note(named, about("failed"))).toMatchObject([{ changed: false }]);
  expect(await findSend(harness.sql, send.id)).toMatchObject({ state: "failed", reference: "250 OK" });
});

it.each(
  [
    ["relayed", "sent", null],
    ["failed", "failed", "not delivered: 5.1.1"],
  ] as const,
)("a mail that was %s before its sender was killed is %s", async (action, state, reason) => {
  const { ledger, send, named } = await startMail();
  await note(named, about(action));
  expect(await findSend(harness.sql, send.id)).toMatchObject({ state: "sending" });
  harness.clock.ms += 600_001;
  await ledger.expire();
  expect(await findSend(harness.sql, send.id)).toMatchObject({ state, reason });
});

it("a report of another recipient, hand-over or mail changes nothing", async () => {
  const { ledger, send, named, unnamed } = await startMail();
  await ledger.record(send, { state: "sent", reference: "250 OK" });
  const other = "00000000-0000-4000-8000-000000000000";
  expect(await note(named, about("failed", "eve@example.org"))).toEqual([]);
  expect(await note(unnamed, about("failed", "eve@example.org"))).toEqual([]);
  expect(await note({ ...unnamed, envelopeId: envelopeIdOf({ send: send.id, envelope: other }) }, about("failed")))
    .toEqual([]);
  expect(await note({ envelopeId: "QQ314159", messageId: `${"0".repeat(32)}@clinic.example` }, about("failed")))
    .toEqual([]);
  expect(await findSend(harness.sql, send.id)).toMatchObject({ state: "sent", receipt: null });
});

it("one process at a time has the mailbox, and the next one when its turn is over", async () => {
  const options = { sql: harness.sql, mailbox: "a", leaseMs: 120_000, maxWaitMs: 600_000, now };
  const [one, another] = [createMailboxTurns(options), createMailboxTurns(options)];
  expect(await one.take()).toEqual({ uidValidity: 0n, lastUid: 0 });
  expect(await another.take()).toBeUndefined();
  await one.advance({ uidValidity: 7n, lastUid: 12 });
  await another.advance({ uidValidity: 7n, lastUid: 11 });
  await one.end(60_000);
  expect(await another.take()).toBeUndefined();
  harness.clock.ms += 60_000;
  expect(await another.take()).toEqual({ uidValidity: 7n, lastUid: 12 });
  // It was killed.
  harness.clock.ms += 120_000;
  expect(await one.take()).toEqual({ uidValidity: 7n, lastUid: 12 });
  // The folder was made anew.
  await one.advance({ uidValidity: 8n, lastUid: 1 });
  harness.clock.ms -= 3_600_000;
  expect(await another.take(), "the clock was set back").toEqual({ uidValidity: 8n, lastUid: 1 });
});
