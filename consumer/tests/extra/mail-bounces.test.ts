import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { envelopeIdOf } from "../../src/jobs/notifications/bounces/envelope-id.ts";
import { resendSend } from "../../src/jobs/notifications/send-operations.ts";
import { createSmtpMailer } from "../../src/jobs/notifications/smtp/mailer.ts";
import { appointmentEvents, doctorUpdated } from "../jobs/notifications/notifications-events.ts";
import { createHarness, type Harness, run } from "../jobs/notifications/notifications-harness.ts";
import { runSenders } from "../outgoing/dependency-harness.ts";
import { createAuthority, fileOf } from "../support/certificates.ts";
import { type ConsumerProcess, startProcess } from "../support/consumer-process.ts";
import { deno } from "../support/deno.ts";
import { eventually } from "../support/eventually.ts";
import { type Mailboxes, startDovecot } from "./dovecot.ts";
import { startExim } from "./exim.ts";

const authority = createAuthority();
const certificate = authority.issue();
const sender = "appointments@clinic.example";
/** Exim knows no mailbox of this name. */
const nobody = "nobody@example.org";
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  harness.clock.ms = Date.now();
  await harness.deliver(doctorUpdated("dr-lovelace"));
});

/** A mail server that delivers to the sender, the doctor and ada, and a server for their mailboxes. */
async function startPost({ dsn = true } = {}) {
  const localParts = ["appointments", "dr-lovelace", "ada"];
  const mailboxes = await startDovecot(certificate, localParts);
  const exim = await startExim({ maildirs: { folder: mailboxes.folder, localParts }, dsn });
  return { mailboxes, exim };
}

type Post = Awaited<ReturnType<typeof startPost>>;

/** A consumer that sends, and reads the mailbox every second. */
const runConsumer = ({ mailboxes, exim }: Post, variables: Record<string, string> = {}) =>
  runSenders(harness.sql, {
    JOBS: "notifications",
    SMTP_URL: `smtp://localhost:${exim.port}`,
    MAIL_FROM: `Clinic <${sender}>`,
    BOUNCES_URL: mailboxes.url("appointments"),
    BOUNCES_CA_FILE: fileOf(authority.ca),
    BOUNCES_CHECK_MS: "1000",
    ...variables,
  });

/** Hands over what waits, and reads no mailbox. */
async function handOver({ exim }: Post): Promise<void> {
  const mailer = createSmtpMailer({
    url: `smtp://localhost:${exim.port}`,
    from: { name: "", address: sender },
    connections: 4,
    timeoutMs: 10_000,
    notifiesSuccess: true,
  });
  run(harness.sql, harness.senders({ mailer }));
  await eventually(async () => expect(Object.keys(await harness.states())).toEqual(["sent"]));
}

const book = (patientEmail = nobody) => harness.deliver(appointmentEvents().created({ patientEmail }));

async function sends(recipient: string) {
  return await harness.sql<
    {
      id: string;
      envelope: string;
      state: string;
      receipt: string | null;
      reason: string | null;
      settledAs: string | null;
    }[]
  >`
    select id, envelope, state, receipt, reason, settled_as as "settledAs" from sends
    where recipient = ${recipient} order by id`;
}
const doctor = "dr-lovelace@clinic.example";
const bounced = { state: "failed", receipt: "undelivered", reason: "not delivered: 5.0.0", settledAs: null };
const audited = async (action: string) =>
  (await harness.sql`select from audit_outcomes where action = ${action} and job = 'notifications'`).length;

/** Every notification of these has come; nothing is read while this waits. */
const arrived = (mailboxes: Mailboxes, count: number) =>
  eventually(() => expect(mailboxes.count("appointments").unseen).toBe(count));

test("a bounced confirmation has failed, with the code and nothing else; a delivered one has its receipt", async () => {
  const post = await startPost();
  const { lines } = runConsumer(post);
  await book();
  await eventually(async () => expect(await sends(nobody)).toMatchObject([bounced]));
  await eventually(async () => expect(await sends(doctor)).toMatchObject([{ state: "sent", receipt: "delivered" }]));
  await eventually(() => expect(post.mailboxes.count("appointments")).toEqual({ seen: 2, unseen: 0 }));
  expect(post.exim.taken(sender)).toBe(2);
  expect(lines.filter(({ msg }) => msg === "receipt of a mail").map(({ word }) => word).sort()).toEqual([
    "delivered",
    "undelivered",
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/nobody@|dr-lovelace@/);
});

test("a server that offers no notifications bounces all the same: the mail is known by its Message-ID", async () => {
  const post = await startPost({ dsn: false });
  runConsumer(post);
  await book();
  await eventually(async () => expect(await sends(nobody)).toMatchObject([bounced]));
  expect(await sends(doctor)).toMatchObject([{ state: "sent", receipt: null }]);
  expect(post.exim.taken(sender)).toBe(2);
});

test("an unknown mail that was delivered becomes sent, one that bounced becomes failed; nothing is sent twice", async () => {
  const post = await startPost();
  await book();
  await handOver(post);
  await arrived(post.mailboxes, 2);
  await harness.sql`update sends set state = 'unknown', reason = 'socket hang up'`;
  runConsumer(post);
  await eventually(async () => expect(await sends(nobody)).toMatchObject([bounced]));
  await eventually(async () =>
    expect(await sends(doctor)).toMatchObject([
      { state: "sent", receipt: "delivered", reason: null, settledAs: "sent" },
    ])
  );
  expect(post.exim.taken(sender)).toBe(2);
});

test("a mailbox that is read again from the beginning changes nothing", async () => {
  const post = await startPost();
  await book();
  await handOver(post);
  await arrived(post.mailboxes, 2);
  runConsumer(post);
  await eventually(() => expect(post.mailboxes.count("appointments")).toEqual({ seen: 2, unseen: 0 }));
  const before = [await harness.sql`select * from sends order by id`, await audited("delivered")];
  await harness.sql`update bounce_mailboxes set last_uid = 0, check_at = now()`;
  await eventually(async () =>
    expect(await harness.sql`select from bounce_mailboxes where last_uid >= 2`).toHaveLength(1)
  );
  expect([await harness.sql`select * from sends order by id`, await audited("delivered")]).toEqual(before);
});

test("of a mail that was sent again, the bounce of the first one tells nothing", async () => {
  const post = await startPost();
  await book("ada@example.org");
  await handOver(post);
  const [first] = await sends("ada@example.org");
  await arrived(post.mailboxes, 2);
  await resendSend(harness.sql, { id: first!.id, actor: "test", now: new Date(harness.clock.ms) });
  await eventually(async () => expect(await sends("ada@example.org")).toMatchObject([{ state: "sent" }]));
  const envelope = envelopeIdOf({ send: first!.id, envelope: first!.envelope });
  await arrived(post.mailboxes, 3);
  post.mailboxes.put("appointments", reportOf(envelope, "ada@example.org", "failed"));
  runConsumer(post);
  await eventually(async () => expect(await sends("ada@example.org")).toMatchObject([{ receipt: "delivered" }]));
  expect(await sends("ada@example.org")).toMatchObject([{ state: "sent" }]);
});

const reportOf = (envelope: string, recipient: string, action: string) =>
  `From: mailer-daemon@mx.example.org
To: ${sender}
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Original-Envelope-Id: ${envelope}

Final-Recipient: rfc822; ${recipient}
Action: ${action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 <${recipient}> is unknown

--b--
`;

test("what tells of no send of ours stays in the mailbox as it was, and is counted once", async () => {
  const post = await startPost();
  await book("ada@example.org");
  await handOver(post);
  await arrived(post.mailboxes, 2);
  const [{ id, envelope } = { id: "", envelope: "" }] = await sends("ada@example.org");
  const put = (mail: string) => post.mailboxes.put("appointments", mail);
  const known = envelopeIdOf({ send: id, envelope });
  put(reportOf(known, "eve@example.org", "failed"));
  put(reportOf(`${id}.00000000-0000-4000-8000-000000000000`, "ada@example.org", "failed"));
  put(reportOf(known, "ada@example.org", "failed").replace("message/delivery-status", "text/plain"));
  put(reportOf(known, "ada@example.org", "delayed"));
  put("From: ada@example.org\nSubject: Thank you\n\nI will be there.\n");
  put("");
  const { lines } = runConsumer(post);
  await eventually(() => expect(post.mailboxes.count("appointments")).toEqual({ seen: 3, unseen: 5 }));
  await eventually(async () =>
    expect(await harness.sql`select from bounce_mailboxes where last_uid >= 8`).toHaveLength(1)
  );
  await harness.sql`update bounce_mailboxes set check_at = now()`;
  await eventually(async () =>
    expect(await harness.sql`select from bounce_mailboxes where check_at > now() + interval '500 milliseconds'`)
      .toHaveLength(1)
  );
  expect(lines.filter(({ outcome }) => outcome).map(({ outcome }) => outcome).sort()).toEqual([
    "unmatched",
    "unmatched",
    "unreadable",
  ]);
  expect(await sends("ada@example.org")).toMatchObject([{ state: "sent", receipt: "delivered" }]);
});

/** Reads as a process of its own. */
function startReader({ mailboxes }: Post, name: string, turnMs: number): ConsumerProcess {
  const args = [harness.url, mailboxes.url("appointments"), fileOf(authority.ca), name, String(turnMs)];
  const reader = startProcess("tests/extra/bounces-process.ts", {}, args);
  onTestFinished(async () => {
    if (reader.child.exitCode === null && reader.child.signalCode === null) reader.signal("SIGKILL");
    await reader.exited;
  });
  return reader;
}

async function bookMany(post: Post, visits: number): Promise<void> {
  for (let visit = 0; visit < visits; visit += 1) await book();
  await handOver(post);
  await arrived(post.mailboxes, 2 * visits);
  await harness.sql`update sends set state = 'unknown'`;
}

test("a reader that is killed in the middle leaves the rest to the next one", async () => {
  const post = await startPost();
  await bookMany(post, 15);
  const before = { delivered: await audited("delivered"), undelivered: await audited("undelivered") };
  const killed = startReader(post, "appointments", 10_000);
  await eventually(async () => expect((await harness.states())["unknown"]).toBeLessThan(28));
  killed.signal("SIGKILL");
  expect(await killed.exited).toBe("SIGKILL");
  expect((await harness.states())["unknown"]).toBeGreaterThan(0);
  startReader(post, "appointments", 10_000);
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 15, failed: 15 }));
  await eventually(() => expect(post.mailboxes.count("appointments")).toEqual({ seen: 30, unseen: 0 }));
  expect(await audited("delivered")).toBe(before.delivered + 15);
  expect(await audited("undelivered")).toBe(before.undelivered + 15);
  expect(post.exim.taken(sender)).toBe(30);
});

test.each([
  ["one after the other", ["appointments", "appointments"]],
  ["though both read all of it at the same time", ["one", "another"]],
])("two readers settle each send once, %s", async (_, names) => {
  const post = await startPost();
  await bookMany(post, 10);
  const before = await audited("delivered") + await audited("undelivered");
  const readers = names.map((name) => startReader(post, name, 60_000));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 10, failed: 10 }));
  await eventually(async () => {
    const done = await harness.sql`select from bounce_mailboxes where last_uid = 20`;
    expect(done).toHaveLength(new Set(names).size);
  });
  const told = readers.flatMap(({ lines }) => lines.filter(({ msg }) => msg === "receipt of a mail"));
  expect(told).toHaveLength(20);
  expect(await audited("delivered") + await audited("undelivered")).toBe(before + 20);
  expect(post.exim.taken(sender)).toBe(20);
});

test.each<[string, string, (post: Post) => Record<string, string>]>([
  ["that refuses the password", "authentication", ({ mailboxes }) => ({
    BOUNCES_URL: mailboxes.url("appointments", "other"),
  })],
  ["of an authority that nobody named", "tls", () => ({ BOUNCES_CA_FILE: "" })],
  ["without the folder", "rejected", ({ mailboxes }) => ({
    BOUNCES_URL: mailboxes.url("appointments", "secret", "Bounces"),
  })],
])("a server %s is a refusal: %s", async (_, refusal, variables) => {
  const post = await startPost();
  const { expectRefusal, lines } = runConsumer(post, variables(post));
  await expectRefusal("imap", refusal);
  expect(JSON.stringify(lines)).not.toContain("secret");
});

test("a server that is away is an outage", async () => {
  const post = await startPost();
  const { expectOutage } = runConsumer(post, { BOUNCES_URL: "imaps://a:b@localhost:1/INBOX" });
  await expectOutage("imap");
});

test.skipIf(!deno)(
  "on Deno a mailbox is read at a server of which only the name and the port are allowed",
  async () => {
    const post = await startPost();
    await book();
    await handOver(post);
    await arrived(post.mailboxes, 2);
    const ca = fileOf(authority.ca);
    const permissions = ["--no-prompt", `--allow-net=localhost:${post.mailboxes.port}`, "--ignore-env"];
    const { stdout } = await promisify(execFile)(
      deno!,
      [
        "run",
        ...permissions,
        "--allow-sys=hostname",
        `--allow-read=.,${ca}`,
        "tests/extra/mailbox-process.ts",
        post.mailboxes.url("appointments"),
        ca,
      ],
      { cwd: fileURLToPath(new URL("../../", import.meta.url)) },
    );
    expect(
      JSON.parse(stdout).map((report: { recipients: { action: string }[] }) => report.recipients[0]!.action).sort(),
    )
      .toEqual(["delivered", "failed"]);
    await eventually(() => expect(post.mailboxes.count("appointments")).toEqual({ seen: 2, unseen: 0 }));
  },
);
