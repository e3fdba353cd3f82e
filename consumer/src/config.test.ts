import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { environmentSchema } from "./environment.ts";
import { signerOf, verifierOf, writeSigner, writeVerifier } from "./jobs/audit/signed-note.ts";
import { cosignatureType } from "./jobs/audit/witness/cosignature.ts";

const least = {
  DATABASE_URL: "postgres://localhost/consumer",
  AMQP_URL: "amqp://localhost",
  SMTP_URL: "smtp://localhost",
  MAIL_FROM: "Clinic <clinic@example.org>",
};

function problemsOf(variables: Record<string, string>): string[] {
  try {
    readConfig(variables);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n");
  }
}

test("the least that is needed runs every job", () => {
  const config = readConfig(least);
  expect(config.jobs).toEqual(["notifications", "availability", "audit", "calendar", "analytics"]);
  expect(config.sms).toBeUndefined();
  expect(config.ops).toEqual({
    host: "127.0.0.1",
    port: 3001,
    keepAliveTimeoutMs: 75_000,
    keys: [],
    networks: undefined,
    anonymousPerSecond: 100,
    certificate: undefined,
    probes: undefined,
  });
});

test("every problem is told at once, each with its variable", () => {
  const problems = problemsOf({
    ...least,
    DATABASE_URL: "mysql://x",
    OPS_PORT: "many",
    JOBS: "audit,cooking",
    AMQP_URL: "",
  });
  expect(problems).toEqual([
    "DATABASE_URL must be a postgres:// URL",
    "AMQP_URL is missing",
    "JOBS must be of notifications, availability, audit, calendar, analytics",
    "OPS_PORT must be a whole number from 0 to 65535",
  ]);
});

test("what depends on another variable follows it where it is not set", () => {
  const config = readConfig({ ...least, CONCURRENCY: "30", ARCHIVE_RETENTION_DAYS: "500" });
  expect(config.database.pool).toBe(5 * 30 + 5);
  expect(config.delivery).toMatchObject({ concurrency: 30, prefetch: 300 });
  expect(config.inboxRetentionDays).toBe(530);
  expect(readConfig({ ...least, JOBS: "audit" }).database.pool).toBe(8);
});

/** Every number, with the lowest and the highest value that can work. */
const bounds: Record<string, [number, number]> = {
  DATABASE_POOL: [20, 10_000],
  QUEUE_MAX_LENGTH: [1, 100_000_000],
  // basic.qos carries 16 bits.
  PREFETCH: [3, 65_535],
  CONCURRENCY: [1, 1_000],
  CONFIRM_TIMEOUT_MS: [1, 600_000],
  JOB_TIMEOUT_MS: [1, 1_500_000],
  MAX_MESSAGE_BYTES: [1_024, 134_217_728],
  WAIT_LIMIT_MS: [0, 2_592_000_000],
  TOPOLOGY_CHECK_MS: [1_000, 600_000],
  INBOX_RETENTION_DAYS: [400, 40_000],
  ARCHIVE_RETENTION_DAYS: [1, 36_500],
  SEND_CONTENT_RETENTION_DAYS: [1, 40_000],
  OPS_PORT: [0, 65_535],
  PROBE_PORT: [0, 65_535],
  ANONYMOUS_RATE_LIMIT_PER_SECOND: [0, 1_000_000],
  KEEP_ALIVE_TIMEOUT_MS: [1_000, 3_600_000],
  SEND_CONCURRENCY: [1, 1_000],
  BOUNCES_CHECK_MS: [1_000, 3_600_000],
  RECONCILE_DAYS: [1, 36_500],
  RECONCILE_LAG_MS: [1_000, 86_400_000],
  SHUTDOWN_TIMEOUT_MS: [0, 600_000],
};

test.each(Object.entries(bounds))("%s is held to its bounds at the start", (name, [minimum, maximum]) => {
  for (const value of [minimum, maximum]) expect(problemsOf({ ...least, [name]: String(value) }), name).toEqual([]);
  for (const value of [maximum + 1, -1, "1e3", "0x10", " 1", "1.5", 2 ** 53]) {
    expect(problemsOf({ ...least, [name]: String(value) })[0], `${name}=${value}`).toMatch(
      new RegExp(`^${name} must be a whole number from`),
    );
  }
});

test("every variable that is a number is among those with bounds", () => {
  const numbers = Object.keys(environmentSchema.entries).filter((name) =>
    problemsOf({ ...least, [name]: "?" }).some((problem) => problem.startsWith(`${name} must be a whole number`))
  );
  expect(numbers.sort()).toEqual(Object.keys(bounds).sort());
});

test("a broker's password has to be percent-encoded UTF-8", () => {
  expect(problemsOf({ ...least, AMQP_URL: "amqp://user:gr%C3%B6%C3%9Fe@localhost" })).toEqual([]);
  expect(problemsOf({ ...least, AMQP_URL: "amqp://user:gr%F6%DFe@localhost" }))
    .toEqual(["AMQP_URL must have its user and password percent-encoded as UTF-8"]);
});

test("wrong values hide no problem that variables have in common", () => {
  const { SMTP_URL: _url, MAIL_FROM: _from, ...withoutMail } = least;
  expect(problemsOf({
    ...withoutMail,
    OPS_PORT: "many",
    DATABASE_POOL: "4",
    PREFETCH: "2",
    CALDAV_URL: "ftp://calendars",
    INBOX_RETENTION_DAYS: "1",
  })).toEqual([
    "OPS_PORT must be a whole number from 0 to 65535",
    "CALDAV_URL must be a URL that starts with http:// or https://",
    "CALDAV_USERNAME is missing; CALDAV_URL, CALDAV_USERNAME, CALDAV_PASSWORD go together",
    "CALDAV_PASSWORD is missing; CALDAV_URL, CALDAV_USERNAME, CALDAV_PASSWORD go together",
    "SMTP_URL and MAIL_FROM are missing; the job notifications needs them",
    "DATABASE_POOL must be at least 20: jobs x CONCURRENCY, and 5 more",
    "CONCURRENCY must not be above PREFETCH",
    "INBOX_RETENTION_DAYS must not be below ARCHIVE_RETENTION_DAYS, or a replay would do things again",
  ]);
});

test("a wrong value is one problem, and causes no other", () => {
  const wrong = { ...least, SMTP_URL: "mail", CONCURRENCY: "many", JOBS: "audit,x,y", ARCHIVE_RETENTION_DAYS: "-" };
  expect(problemsOf(wrong).map((problem) => problem.split(" ")[0])).toEqual([
    "JOBS",
    "CONCURRENCY",
    "ARCHIVE_RETENTION_DAYS",
    "SMTP_URL",
  ]);
});

test("an empty variable counts as unset", () => {
  expect(readConfig({ ...least, SMS_URL: "", PREFETCH: "" }).delivery.prefetch).toBe(300);
});

const seeded = (hex: string) => writeSigner(signerOf("clinic.example/audit", Buffer.from(hex, "hex")));
const signingKey = seeded("5f2a3d8c91e04b7786f0a1c3d5e7992b4c6d8e0f1a2b3c4d5e6f708192a3b4c5");

test.each([
  ["no key", "secret", "is no key that `consumer audit new-key` has made"],
  ["zeros", seeded("00".repeat(32)), "was not made of chance: make one with `consumer audit new-key`"],
  ["a passphrase", seeded(Buffer.from("correct horse battery staple 123").toString("hex")), "was made of text"],
  ["a damaged key", signingKey.replace(/\+[0-9a-f]{8}\+/, "+00000000+"), "is damaged"],
])("a signing key that is %s is refused, and not quoted", (_, key, reason) => {
  const [problem, ...others] = problemsOf({ ...least, AUDIT_CHECKPOINT_DIR: "/audit", AUDIT_SIGNING_KEY: key });
  expect(problem).toContain(`AUDIT_SIGNING_KEY ${reason}`);
  expect(problem).not.toContain(key);
  expect(others).toEqual([]);
});

test("checkpoints need a key that is not weak; beside a signing key the HMAC key signs nothing, and may be", () => {
  const folder = { ...least, AUDIT_CHECKPOINT_DIR: "/audit" };
  expect(problemsOf(folder)[0]).toContain("AUDIT_SIGNING_KEY is missing");
  expect(problemsOf({ ...folder, AUDIT_HMAC_KEY: "secret" })[0]).toContain("AUDIT_HMAC_KEY must have at least 32");
  expect(problemsOf({ ...folder, AUDIT_HMAC_KEY: "a".repeat(40) })[0]).toContain("AUDIT_HMAC_KEY repeats itself");
  expect(problemsOf({ ...folder, AUDIT_HMAC_KEY: "a key of at least thirty-two characters" })).toEqual([]);
  expect(problemsOf({ ...folder, AUDIT_HMAC_KEY: "secret", AUDIT_SIGNING_KEY: signingKey })).toEqual([]);
  expect(readConfig({ ...folder, AUDIT_SIGNING_KEY: signingKey }).audit.signer?.name).toBe("clinic.example/audit");
});

test("a key without a folder is left unused: a pod of another job has the Secret and no volume", () => {
  expect(problemsOf({ ...least, AUDIT_HMAC_KEY: "secret" })).toEqual([]);
  expect(problemsOf({ ...least, AUDIT_SIGNING_KEY: signingKey })).toEqual([]);
});

test("variables that belong together are set together", () => {
  expect(problemsOf({ ...least, CALDAV_URL: "http://localhost", CALDAV_USERNAME: "clinic" })).toEqual([
    "CALDAV_PASSWORD is missing; CALDAV_URL, CALDAV_USERNAME, CALDAV_PASSWORD go together",
  ]);
});

test("mail is needed where notifications run, and only there", () => {
  const { SMTP_URL: _url, MAIL_FROM: _from, ...withoutMail } = least;
  expect(problemsOf(withoutMail)).toEqual(["SMTP_URL and MAIL_FROM are missing; the job notifications needs them"]);
  expect(readConfig({ ...withoutMail, JOBS: "audit, calendar" }).jobs).toEqual(["audit", "calendar"]);
});

test("the jobs' concurrency stays within the pool and the prefetch", () => {
  expect(problemsOf({ ...least, DATABASE_POOL: "20", CONCURRENCY: "4" })).toEqual([
    "DATABASE_POOL must be at least 25: jobs x CONCURRENCY, and 5 more",
  ]);
  expect(problemsOf({ ...least, CONCURRENCY: "3", PREFETCH: "2" })).toEqual(["CONCURRENCY must not be above PREFETCH"]);
});

test("the inbox is kept at least as long as the producer's archive", () => {
  expect(problemsOf({ ...least, INBOX_RETENTION_DAYS: "399" })).toEqual([
    "INBOX_RETENTION_DAYS must not be below ARCHIVE_RETENTION_DAYS, or a replay would do things again",
  ]);
  expect(problemsOf({ ...least, INBOX_RETENTION_DAYS: "30", ARCHIVE_RETENTION_DAYS: "30" })).toEqual([]);
});

test("several brokers are named with commas between", () => {
  expect(readConfig({ ...least, AMQP_URL: "amqps://a,amqps://b" }).amqp.urls).toEqual(["amqps://a", "amqps://b"]);
});

test("what a list names twice counts once", () => {
  const config = readConfig({ ...least, JOBS: "audit,audit", REMINDER_LEAD_MINUTES: "120,1440,120" });
  expect(config.jobs).toEqual(["audit"]);
  expect(config.notifications.reminderLeadMinutes).toEqual([120, 1440]);
});

const witnessSigner = signerOf("witness.example/w1", randomBytes(32));
const witnessKey = writeVerifier(
  verifierOf(witnessSigner.name, witnessSigner.publicKey, cosignatureType),
  cosignatureType,
);

test("a witness is named with its key of cosignatures, and cosigns signed trees only", () => {
  const witness = { AUDIT_WITNESS_URL: "https://witness.example", AUDIT_WITNESS_VKEY: witnessKey };
  expect(readConfig({ ...least, ...witness }).audit.witness?.verifier.name).toBe("witness.example/w1");
  expect(problemsOf({ ...least, ...witness, AUDIT_WITNESS_VKEY: writeVerifier(witnessSigner) })).toEqual([
    "AUDIT_WITNESS_VKEY is no Ed25519 key of the signature type 4",
  ]);
  expect(problemsOf({ ...least, AUDIT_WITNESS_URL: witness.AUDIT_WITNESS_URL })[0]).toContain(
    "AUDIT_WITNESS_VKEY is missing",
  );
  const hmac = { AUDIT_CHECKPOINT_DIR: "/audit", AUDIT_HMAC_KEY: "a key of at least thirty-two characters" };
  expect(problemsOf({ ...least, ...hmac, ...witness })[0]).toContain("AUDIT_WITNESS_URL needs AUDIT_SIGNING_KEY");
});

/** The first of these that a variable takes, with a host besides this machine. */
const plainAddresses = [
  "postgres://away.example/x",
  "amqp://away.example",
  "http://away.example",
  "imap://x:y@away.example",
];
const together = {
  ...{ SMS_URL: "https://sms.example", SMS_ACCOUNT_SID: "x", SMS_AUTH_TOKEN: "x", SMS_FROM: "x" },
  ...{ CALDAV_URL: "https://calendars.example", CALDAV_USERNAME: "x", CALDAV_PASSWORD: "x" },
  ...{ PRODUCER_OPS_URL: "https://producer.example", PRODUCER_OPS_KEY: "x" },
  ...{ AUDIT_WITNESS_URL: "https://witness.example", AUDIT_WITNESS_VKEY: witnessKey },
  ...{ PATIENT_KEYS_URL: "postgres://localhost/keys", PATIENT_KEYS_MASTER: `2026:${"A".repeat(43)}` },
};

/** Those whose value has to be an address of one of these kinds. */
function addressVariables(): [name: string, address: string | undefined][] {
  const isRefused = (name: string, value: string) =>
    problemsOf({ ...least, ...together, [name]: value }).some((problem) => / must be a .*URL/.test(problem));
  return Object.keys(environmentSchema.entries).filter((name) => isRefused(name, "nothing"))
    .map((name) => [name, plainAddresses.find((address) => !isRefused(name, address))]);
}

test("every address without TLS to another machine stops the start, unless that host is allowed by name", () => {
  // STARTTLS is demanded of a mail server (requires-tls.test.ts), and only a browser opens what shows a trace.
  const exempt = ["SMTP_URL", "TRACE_URL"];
  const checked = addressVariables().filter(([name]) => !exempt.includes(name)) as [string, string][];
  expect(checked.map(([name]) => name).sort()).toEqual([
    "AMQP_URL",
    "AUDIT_DATABASE_URL",
    "AUDIT_WITNESS_URL",
    "BOUNCES_URL",
    "CALDAV_URL",
    "DATABASE_URL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "PATIENT_KEYS_URL",
    "PRODUCER_OPS_URL",
    "SMS_CALLBACK_URL",
    "SMS_URL",
  ]);
  for (const [name, address] of checked) {
    const given = { ...least, ...together, [name]: address };
    expect(problemsOf(given)).toEqual([
      `${name} has no TLS to away.example; PLAINTEXT_HOSTS has to name away.example where that is meant`,
    ]);
    expect(problemsOf({ ...given, PLAINTEXT_HOSTS: "other, Away.example" })).toEqual([]);
    expect(problemsOf({ ...given, PLAINTEXT_HOSTS: "example" })).toHaveLength(1);
    expect(problemsOf({ ...given, [name]: address.replace("away.example", "localhost") })).toEqual([]);
  }
});

test("the digest of an empty key is none of a key: whoever sends nothing would have its scopes", () => {
  const keyOf = (secret: string) => {
    const sha256 = createHash("sha256").update(secret).digest("hex");
    return JSON.stringify([{ name: "x", sha256, scopes: ["ops:read"] }]);
  };
  expect(problemsOf({ ...least, OPS_API_KEYS: keyOf("") })).toEqual([
    "OPS_API_KEYS must be the SHA-256 of a key, and is that of an empty one",
  ]);
  expect(problemsOf({ ...least, OPS_API_KEYS: keyOf(" ") })).toEqual([]);
});

test("sslmode=require without a CA is warned of", () => {
  const warnings = (options: string) =>
    readConfig({ ...least, DATABASE_URL: `postgres://db.example/x${options}` }).warnings;
  expect(warnings("?sslmode=require")).toEqual([expect.stringContaining("sslmode=require without DATABASE_CA_FILE")]);
  expect(warnings("?sslmode=verify-full")).toEqual([]);
});
