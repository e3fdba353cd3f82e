import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { noProgress } from "../../../src/cli/progress.ts";
import { UsageError } from "../../../src/cli/command.ts";
import { sendsCommand } from "../../../src/jobs/notifications/command.ts";
import { createSmsGateway } from "../../../src/jobs/notifications/sms/sms-gateway.ts";
import { countUnfinishedSends } from "../../../src/jobs/notifications/unfinished-sends.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { startMailServer } from "./mail-server.ts";
import { startSmsGateway } from "./sms-gateway.ts";

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  // The command works with the time of day.
  harness.clock.ms = Date.now() + 60_000;
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.deliver(appointmentEvents().created());
});

async function sends(...args: string[]) {
  const printed: string[] = [];
  const noted: string[] = [];
  const code = await sendsCommand.run(args, {
    config: { mail: { from: { name: "Clinic at the Park", address: "appointments@clinic.example" } } } as never,
    openDatabase: () => harness.sql,
    print: (line) => printed.push(line),
    note: (line) => noted.push(line),
    progress: noProgress,
  });
  const documents = () => printed.map((line) => JSON.parse(line));
  return { code, printed, noted, documents, json: () => documents()[0] };
}

async function makeUnknown(): Promise<string> {
  const [row] = await harness.sql`
    update sends set state = 'unknown', reason = 'connection lost' where recipient = 'ada@example.org' returning id`;
  return row?.["id"];
}

const audited = () =>
  harness
    .sql`select action, actor, detail from audit_outcomes where action in ('settled', 'resend-requested') order by id desc`;

it("lists the ledger without personal data, filtered, as a table and as JSON", async () => {
  const id = await makeUnknown();
  const { code, printed } = await sends("list", "--state", "unknown");
  expect(code).toBe(0);
  expect(printed).toHaveLength(2);
  expect(printed[1]).toMatch(new RegExp(`^${id} +unknown +email +patient-booked .*connection lost$`));
  expect(printed.join()).not.toContain("@");

  expect((await sends("list", "--json")).documents()).toMatchObject([{ state: "pending" }, { state: "unknown" }]);
  expect(await sends("list", "--channel", "sms", "--json")).toMatchObject({
    code: 0,
    printed: [],
    noted: ["There are no such sends."],
  });
});

it("shows one send with its recipient and content", async () => {
  const id = await makeUnknown();
  const send = (await sends("show", id, "--json")).json();
  expect(send).toMatchObject({ id, recipient: "ada@example.org", content: { doctorName: "Dr. Ada Lovelace" } });
  expect((await sends("show", id)).printed.join("\n")).toContain("ada@example.org");
});

it("shows by which id to look for an unknown mail or text message on the other side", async () => {
  await harness.deliver(appointmentEvents().created({ patientPhone: "+4930123456" }));
  const seen: { messageIds: string[]; keys: string[] } = { messageIds: [], keys: [] };
  const server = await startMailServer({
    onMail({ messageId }) {
      seen.messageIds.push(messageId);
      server.cut();
    },
  });
  const gateway = await startSmsGateway(({ reference }, _response, request) => {
    seen.keys.push(reference);
    request.socket.destroy();
  });
  const sms = createSmsGateway({ url: gateway.url, accountSid: "AC1", authToken: "s", from: "+1", timeoutMs: 2000 });
  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url), sms, cooldown: { baseMs: 1, capMs: 1 } }));
  await eventually(async () => {
    harness.clock.ms += 1000;
    expect(await harness.states()).toEqual({ unknown: 5 });
  });

  const shown = [];
  for (const { id } of (await sends("list", "--state", "unknown", "--json")).documents()) {
    shown.push(...(await sends("show", id, "--json")).documents());
    expect((await sends("show", id)).printed.join("\n")).toMatch(/^(messageId +<|idempotencyKey +\w)/m);
  }
  // A cut may come to a second mail before the server has read its headers.
  const messageIds = shown.flatMap(({ messageId = [] }) => messageId);
  expect(messageIds).toHaveLength(4);
  expect(messageIds).toEqual(expect.arrayContaining(seen.messageIds));
  expect(shown.flatMap(({ idempotencyKey = [] }) => idempotencyKey)).toEqual(seen.keys);
});

it("settles an unknown send, once, and audits who did it", async () => {
  const id = await makeUnknown();
  expect((await sends("settle", id, "--as", "sent", "--by", "mia", "--json")).json()).toEqual({
    id,
    settledAs: "sent",
  });
  expect((await sends("show", id, "--json")).json()).toMatchObject({ state: "sent", settledAs: "sent" });
  expect((await audited())[0]).toMatchObject({ action: "settled", actor: "mia", detail: { send: id, as: "sent" } });

  const again = await sends("settle", id, "--as", "not-sent");
  expect(again).toMatchObject({ code: 1, noted: [`send ${id} is sent; only an unknown or failed one is settled`] });
  expect((await audited()).filter(({ detail }) => detail.send === id)).toHaveLength(1);
});

it("resends what did not arrive, with the same Message-ID, and refuses what is on its way", async () => {
  const server = await startMailServer();
  const id = await makeUnknown();
  await sends("settle", id, "--as", "not-sent");
  expect(await harness.states()).toEqual({ failed: 1, pending: 1 });
  expect(await sends("resend", id, "--by", "mia")).toMatchObject({ code: 0 });
  expect(await sends("resend", id)).toMatchObject({ code: 1, noted: [`send ${id} is pending already`] });
  expect((await audited())[0]).toMatchObject({ action: "resend-requested", actor: "mia" });

  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url) }));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 2 }));
  await sends("resend", id);
  await eventually(() => expect(server.mails.filter(({ to }) => to === "ada@example.org")).toHaveLength(2));
  expect(new Set(server.mails.map(({ messageId }) => messageId)).size).toBe(2);
});

it("says what is wrong with the arguments", async () => {
  const wrong = [
    [[], "consumer sends needs list, show, settle or resend"],
    [["drop"], "consumer sends needs list, show, settle or resend"],
    [["show"], "ID is missing"],
    [["show", "x"], "ID must be a number from `sends list`"],
    [["settle", "1"], "--as must be sent or not-sent"],
    [["settle", "1", "--as", "maybe"], "--as must be sent or not-sent"],
    [["list", "--state", "lost"], "--state must be one of pending, sending, sent, failed, unknown, dropped"],
    [["list", "--limit", "0"], "--limit must be a number above 0"],
    [["list", "--appointment", "7"], "--appointment must be a UUID"],
    [["show", "1", "2"], "too many arguments"],
  ] as const;
  for (const [args, message] of wrong) await expect(sends(...args)).rejects.toEqual(new UsageError(message));
  await expect(sends("list", "--nonsense")).rejects.toBeInstanceOf(UsageError);
  expect(await sends("show", "999999")).toMatchObject({ code: 1, noted: ["there is no send 999999"] });
});

it("has all of a cause sent again, but for what nobody waits for any more", async () => {
  const { sql } = harness;
  await sql`truncate sends`;
  const [begun, told, waited, phoned] = [1, 2, 3, 4].map(() => appointmentEvents());
  const appointmentDate = new Date(Date.now() + 86_400_000).toISOString();
  for (const visit of [begun, told, waited, phoned]) await harness.deliver(visit!.created({ appointmentDate }));
  await sql`update sends set state = 'failed', reason = 'could not be written: RangeError: +03:41:12'`;
  await sql`
    update sends set content = content || '{"startsAt":"2020-01-01T00:00:00Z"}'
    where appointment_id = ${begun!.appointmentId}`;
  await sql`update sends set settled_as = 'not-sent' where appointment_id = ${phoned!.appointmentId}`;
  await harness.deliver(told!.cancelled(2, { appointmentDate }));
  await sql`update sends set state = 'sent' where template like '%-cancelled'`;
  await sql`update sends set reason = '550 no such user' where appointment_id = ${waited!.appointmentId}
    and template like 'doctor-%'`;

  expect((await sends("resend", "--all", "--reason", "nothing like it")).printed[0]).toMatch(/^0 .* 0 /);
  const { code, json } = await sends("resend", "--all", "--reason", "could not be written", "--by", "eve", "--json");
  expect(code).toBe(0);
  expect(json().resent).toHaveLength(1);
  expect(json().left).toHaveLength(4);
  expect(await sql`select template, appointment_id as visit from sends where state = 'pending'`).toEqual([
    { template: "patient-booked", visit: waited!.appointmentId },
  ]);
  expect((await audited())[0]).toMatchObject({ action: "resend-requested", actor: "eve", detail: { was: "failed" } });

  expect((await sends("resend", "--all", "--json")).json().resent).toHaveLength(1);
  await expect(sends("resend", "--reason", "x", "7")).rejects.toThrow(UsageError);
  await expect(sends("resend", "--all", "7")).rejects.toThrow(UsageError);
});

it("a failed send that nothing mends is settled, and no alert counts it any more", async () => {
  await harness.sql`update sends set state = 'failed', reason = '550 no such user'`;
  const [{ id } = {}] = await harness.sql`select id from sends order by id limit 1`;
  expect(await countUnfinishedSends(harness.sql)).toMatchObject([{ state: "failed", count: 2 }]);
  expect((await sends("settle", id, "--as", "not-sent")).code).toBe(0);
  expect(await countUnfinishedSends(harness.sql)).toMatchObject([{ state: "failed", count: 1 }]);
  expect(await sends("settle", id, "--as", "sent")).toMatchObject({
    code: 1,
    noted: [`send ${id} is settled already`],
  });
});
