import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { runSenders } from "./dependency-harness.ts";
import { appointmentEvents, doctorUpdated } from "../jobs/notifications/notifications-events.ts";
import { createHarness, type Harness } from "../jobs/notifications/notifications-harness.ts";
import { type MailServerOptions, smtpReply, startMailServer } from "../jobs/notifications/mail-server.ts";
import { createAuthority, fileOf } from "../support/certificates.ts";

let harness: Harness;
const authority = createAuthority();
const good = authority.issue();
const selfSigned = authority.selfSigned();
const expired = authority.issue({ notAfter: new Date(Date.now() - 60_000) });
const otherHost = authority.issue({ host: "mail.clinic.example" });
const trusting = { ca: authority.ca };

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  harness.clock.ms = Date.now();
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.deliver(appointmentEvents().created());
});

interface Settings {
  ca?: string;
  credentials?: string;
  plaintextHosts?: string;
}

async function start(options: MailServerOptions, { ca, credentials, plaintextHosts }: Settings) {
  const server = await startMailServer(options);
  const scheme = options.tls === "from the first byte" ? "smtps" : "smtp";
  const consumer = runSenders(harness.sql, {
    JOBS: "notifications",
    SMTP_URL: `${scheme}://${credentials ? `${credentials}@` : ""}localhost:${server.port}`,
    MAIL_FROM: "appointments@clinic.example",
    ...(ca !== undefined && { SMTP_CA_FILE: fileOf(ca) }),
    ...(plaintextHosts !== undefined && { SMTP_PLAINTEXT_HOSTS: plaintextHosts }),
  });
  return { server, ...consumer };
}

const both = ["STARTTLS", "from the first byte"] as const;
const clinic = "clinic:secret";

test.each<[string, MailServerOptions, Settings]>([
  ...both.flatMap((tls): [string, MailServerOptions, Settings][] => [
    [`its own authority, ${tls}`, { tls, certificate: good }, trusting],
    [`a self-signed certificate that is trusted itself, ${tls}`, { tls, certificate: selfSigned }, {
      ca: selfSigned.cert,
    }],
    [`a password, ${tls}`, { tls, certificate: good, password: "secret" }, { ...trusting, credentials: clinic }],
  ]),
  ["no TLS on this machine", {}, {}],
  ["a password without TLS where that is allowed", { password: "secret" }, {
    credentials: clinic,
    plaintextHosts: "mailpit, localhost",
  }],
])("mail goes out to a server with %s", async (_, options, settings) => {
  const { server, refusing, lines } = await start(options, settings);
  await eventually(() => expect(server.mails).toHaveLength(2));
  expect(await refusing("smtp")).toEqual([]);
  expect(lines.filter(({ level }) => Number(level) > 30)).toEqual([]);
});

test.each<[string, string, MailServerOptions, Settings]>([
  ...both.flatMap((tls): [string, string, MailServerOptions, Settings][] => [
    [`has an authority that nobody named, ${tls}`, "tls", { tls, certificate: good }, {}],
    [`has a self-signed certificate, ${tls}`, "tls", { tls, certificate: selfSigned }, trusting],
    [`has an expired certificate, ${tls}`, "tls", { tls, certificate: expired }, trusting],
    [`has another host's certificate, ${tls}`, "tls", { tls, certificate: otherHost }, trusting],
    [`refuses the password, ${tls}`, "authentication", { tls, certificate: good, password: "other" }, {
      ...trusting,
      credentials: clinic,
    }],
  ]),
  ["offers no STARTTLS for the password", "tls", { password: "secret" }, { credentials: clinic }],
  ["refuses every recipient", "rejected", { onRecipient: () => smtpReply(550, "5.7.1 relaying denied") }, {}],
  ["refuses every content", "rejected", { onMail: () => Promise.reject(smtpReply(554, "no")) }, {}],
  ["refuses our sender", "rejected", { onSender: () => smtpReply(550, "5.1.8 not you") }, {}],
  ["wants a login", "authentication", { onSender: () => smtpReply(530, "5.7.0 log in first") }, {}],
  ["wants TLS", "tls", { onSender: () => smtpReply(538, "5.7.11 encrypt first") }, {}],
  ["wants no connection of ours", "rejected", { onConnect: () => smtpReply(554, "no service for you") }, {}],
])("a server that %s is a refusal: %s", async (_, refusal, options, settings) => {
  const { server, expectRefusal, lines } = await start(options, settings);
  await expectRefusal("smtp", refusal);
  expect(server.mails).toEqual([]);
  expect(JSON.stringify(lines)).not.toMatch(/secret|ada@/);
  // What a repair can still send is kept; only the first of a row that are all rejected may itself have been at fault.
  const { failed = 0, sent = 0, unknown = 0 } = await harness.states();
  expect({ sent, unknown, lost: refusal === "rejected" ? Math.max(0, failed - 1) : failed }).toEqual({
    sent: 0,
    unknown: 0,
    lost: 0,
  });
});

test.each<[string, MailServerOptions]>([
  ["is closing down", { onConnect: () => smtpReply(421, "closing") }],
  ["has no time for a login", { onSender: () => smtpReply(451, "try later") }],
])("a server that %s is an outage", async (_, options) => {
  const { expectOutage } = await start(options, {});
  await expectOutage("smtp");
});

test("a server that is away is an outage, and one mail that is refused is that mail's business", async () => {
  const { server, expectOutage } = await start({}, {});
  await server.stop();
  await harness.deliver(appointmentEvents().created({ patientEmail: "bob@example.org" }));
  await expectOutage("smtp");

  await harness.empty();
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.deliver(appointmentEvents().created());
  const picky = await start({ onRecipient: (to) => to === "ada@example.org" ? smtpReply(550, "who?") : undefined }, {});
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 1, failed: 1 }));
  expect(await picky.refusing("smtp")).toEqual([]);
});

test("the alert ends, and what waited goes out, when the server shows a certificate that is trusted", async () => {
  const { server, expectRefusal, refusing, lines } = await start({ tls: "STARTTLS", certificate: expired }, trusting);
  await expectRefusal("smtp", "tls");
  await server.stop();
  const renewed = await startMailServer({ port: server.port, tls: "STARTTLS", certificate: good });
  await eventually(() => expect(renewed.mails).toHaveLength(2));
  await eventually(async () => expect(await refusing("smtp")).toEqual([]));
  expect(lines).toContainEqual(expect.objectContaining({ level: 30, msg: "dependency no longer refuses us" }));
});
