import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { appointmentEvents, doctorUpdated } from "../jobs/notifications/notifications-events.ts";
import { createHarness, type Harness } from "../jobs/notifications/notifications-harness.ts";
import { runSenders } from "../outgoing/dependency-harness.ts";
import { createAuthority, fileOf } from "../support/certificates.ts";
import { eventually } from "../support/eventually.ts";
import { type EximOptions, startExim } from "./exim.ts";

let harness: Harness;
const authority = createAuthority();
const good = authority.issue();
const selfSigned = authority.selfSigned();

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

async function start(options: EximOptions, ca: string | undefined, password: string | undefined) {
  const server = await startExim(options);
  const consumer = runSenders(harness.sql, {
    JOBS: "notifications",
    SMTP_URL: `smtp://${password === undefined ? "" : `clinic:${password}@`}localhost:${server.port}`,
    MAIL_FROM: "appointments@clinic.example",
    ...(ca !== undefined && { SMTP_CA_FILE: fileOf(ca) }),
  });
  return { server, ...consumer };
}

test.each<[string, EximOptions, string | undefined, string | undefined]>([
  ["without TLS", {}, undefined, undefined],
  ["with a private authority", { certificate: good }, authority.ca, undefined],
  ["with a private authority and a password", { certificate: good }, authority.ca, "secret"],
  ["with a self-signed certificate that is trusted itself", { certificate: selfSigned }, selfSigned.cert, "secret"],
])("Exim %s takes mail", async (_, options, ca, password) => {
  const { server, refusing } = await start(options, ca, password);
  await eventually(() => expect(server.recipients()).toEqual(["ada@example.org", "dr-lovelace@clinic.example"]));
  expect(await refusing("smtp")).toEqual([]);
});

test.each<[string, string, EximOptions, string | undefined, string | undefined]>([
  ["with a private authority that nobody named", "tls", { certificate: good }, undefined, undefined],
  ["with a self-signed certificate, as Debian's", "tls", { certificate: selfSigned }, undefined, undefined],
  [
    "with an expired certificate",
    "tls",
    {
      certificate: authority.issue({ notAfter: new Date(Date.now() - 60_000) }),
    },
    authority.ca,
    "secret",
  ],
  ["that offers no STARTTLS for a password", "tls", {}, authority.ca, "secret"],
  ["that refuses the password", "authentication", { certificate: good }, authority.ca, "other"],
  ["that relays nothing", "rejected", { recipients: "deny message = relay not permitted" }, undefined, undefined],
])("Exim %s is a refusal: %s", async (_, refusal, options, ca, password) => {
  const { server, expectRefusal } = await start(options, ca, password);
  await expectRefusal("smtp", refusal);
  expect(server.recipients()).toEqual([]);
});

test("Exim that puts off each recipient refuses nothing", async () => {
  const { refusing, lines } = await start({ recipients: "defer message = try later" }, undefined, undefined);
  await eventually(async () => expect(await harness.sql`select from sends where attempts > 0`).toHaveLength(2));
  expect(await refusing("smtp")).toEqual([]);
  expect(lines.filter(({ level }) => level === 50)).toEqual([]);
});
