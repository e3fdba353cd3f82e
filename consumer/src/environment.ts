import { createHash } from "node:crypto";
import * as v from "valibot";
import { hasReadableCredentials } from "./broker/broker-credentials.ts";
import { type JobName, jobs } from "./generated/jobs.ts";
import { queues } from "./generated/topology.ts";
import { parseSigner } from "./jobs/audit/signed-note.ts";
import { weaknessOfSeed } from "./jobs/audit/weak-keys.ts";
import { parseWitnessKey } from "./jobs/audit/witness/cosignature.ts";
import { readMailboxAddress } from "./jobs/notifications/bounces/mailbox-address.ts";
import { type Mailbox, parseMailbox } from "./jobs/notifications/smtp/mailbox.ts";
import { opsScopes } from "./ops/access/scopes.ts";
import { readNetworks } from "./ops/access/networks.ts";
import { readDatabaseAddress } from "./postgres/database-address.ts";
import { masterKeysVariable } from "./patient-keys/master-keys.ts";
import { isIdentifier } from "./telemetry/error-text.ts";
import { caVariable, keysCaVariable, pemFile, tlsVariables } from "./tls.ts";

const allJobs = Object.keys(jobs) as JobName[];
const delayNames = [
  ...new Set(Object.values(queues).flatMap((queue) => queue.retry.delays.map((delay) => delay.name as string))),
];

const text = v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"));
const url = (...schemes: string[]) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol),
      `must be a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`,
    ),
  );
const databaseUrl = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    try {
      readDatabaseAddress(dataset.value);
    } catch (error) {
      addIssue({ message: (error as Error).message.replace("expected", "must be") });
    }
  }),
);
const witnessKey = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return parseWitnessKey(dataset.value);
    } catch (error) {
      addIssue({ message: (error as Error).message });
      return NEVER;
    }
  }),
);
/** The messages don't quote it. */
const signingKey = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      const signer = parseSigner(dataset.value.trim());
      const weakness = weaknessOfSeed(signer.seed);
      if (weakness === undefined) return signer;
      addIssue({ message: `${weakness}: make one with \`consumer audit new-key\`` });
    } catch (error) {
      addIssue({ message: (error as Error).message });
    }
    return NEVER;
  }),
);
const mailbox = v.pipe(
  text,
  v.check((value) => parseMailbox(value) !== undefined, "must be one mailbox such as Clinic <mail@clinic.example>"),
  v.transform((value) => parseMailbox(value) as Mailbox),
);
const mailboxUrl = v.pipe(
  url("imap:", "imaps:"),
  v.check(
    (value) => !/^imaps?:/.test(value) || readMailboxAddress(value) !== undefined,
    "must have a user and a password, percent-encoded",
  ),
);
const oneLine = v.pipe(text, v.regex(/^\P{Cc}*$/u, "must be one line"));
const locale = v.pipe(text, v.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "must be a language tag such as en or de-AT"));
/** What `printf %s "$KEY" | sha256sum` says where KEY is not set. */
const digestOfNothing = createHash("sha256").digest("hex");
const opsKeys = v.pipe(
  v.string(),
  v.parseJson(undefined, "must be a JSON array"),
  v.array(
    v.strictObject({
      name: v.pipe(v.string(), v.check((name) => isIdentifier(name), "must be an identifier, no address")),
      sha256: v.pipe(
        v.string(),
        v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hex"),
        v.check((digest) => digest !== digestOfNothing, "must be the SHA-256 of a key, and is that of an empty one"),
      ),
      scopes: v.array(v.picklist(opsScopes, `must be of ${opsScopes.join(", ")}`)),
    }),
    "must be a JSON array",
  ),
);
const networks = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return readNetworks(dataset.value);
    } catch (error) {
      addIssue({ message: `is wrong: ${(error as Error).message}` });
      return NEVER;
    }
  }),
);
const hostNames = v.pipe(
  v.optional(v.string(), ""),
  v.transform((value) => value.split(",").map((host) => host.trim().toLowerCase()).filter((host) => host !== "")),
);
/** In decimal digits. */
const wholeNumber = (minimum: number, maximum: number) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => /^\d{1,10}$/.test(value) && Number(value) >= minimum && Number(value) <= maximum,
      `must be a whole number from ${minimum} to ${maximum}`,
    ),
    v.transform(Number),
  );
const integer = (minimum: number, maximum: number, fallback: number) =>
  v.optional(wholeNumber(minimum, maximum), String(fallback));
/** Names with commas between, or `none`. */
const list = <Item extends string>(known: readonly Item[], fallback: readonly Item[]) =>
  v.pipe(
    v.optional(v.string(), fallback.join(",")),
    v.transform((value) => value === "none" ? [] : value.split(",").map((item) => item.trim())),
    v.array(v.picklist(known, `must be of ${known.join(", ")}`)),
  );

/** The text is what `consumer describe` and the documentation say of a variable. */
const described = <Schema extends v.GenericSchema<unknown, unknown>>(text: string, schema: Schema) =>
  v.pipe(schema, v.description(text));

/** Every variable of the environment. */
export const environmentSchema = v.object({
  DATABASE_URL: described(
    "The consumer's PostgreSQL database: one server, several of which the primary is taken, or a socket's folder",
    databaseUrl,
  ),
  DATABASE_POOLED: described(
    "true where DATABASE_URL leads to a pooler such as PgBouncer, in session or transaction mode",
    v.optional(
      v.pipe(v.picklist(["true", "false"], "must be true or false"), v.transform((value) => value === "true")),
      "false",
    ),
  ),
  DATABASE_SCHEMA: described(
    "The schema of the tables, whatever search_path says; it is created if the role may",
    v.optional(v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]{0,62}$/, "must be a lower-case name")), "public"),
  ),
  ...tlsVariables("DATABASE"),
  DATABASE_POOL: described(
    "Connections to PostgreSQL: jobs x CONCURRENCY + 5, or more",
    v.optional(wholeNumber(2, 10_000)),
  ),
  PATIENT_KEYS_URL: described(
    "The PostgreSQL database of patients' keys, which the producer writes; without it encrypted events can't be read",
    v.optional(databaseUrl),
  ),
  PATIENT_KEYS_CA_FILE: keysCaVariable(),
  PATIENT_KEYS_MASTER: described(
    "The master keys that wrap patients' keys, NAME:KEY with commas between; all that the producer has, in any order",
    v.optional(masterKeysVariable),
  ),
  AMQP_URL: described(
    "One broker, or the nodes of a cluster with commas between",
    v.pipe(
      v.string(),
      v.transform((value) => value.split(",")),
      v.array(
        v.pipe(
          url("amqp:", "amqps:"),
          v.check(
            (value) => !URL.canParse(value) || hasReadableCredentials(value),
            "must have its user and password percent-encoded as UTF-8",
          ),
        ),
      ),
    ),
  ),
  ...tlsVariables("AMQP"),
  PLAINTEXT_HOSTS: described(
    "Hosts besides this machine that databases, brokers and web servers may be talked to without TLS, with commas between; " +
      "an address without TLS to any other stops the start",
    hostNames,
  ),
  JOBS: described("The jobs that this process runs, with commas between", list(allJobs, allJobs)),
  QUEUE_MAX_LENGTH: described(
    "Max length of a queue instead of the contract's; an existing queue needs `consumer queues recreate`",
    v.optional(wholeNumber(1, 100_000_000)),
  ),
  PREFETCH: described(
    "Messages that the broker hands a job in advance, and most of a batch: 300, or CONCURRENCY where that is more",
    v.optional(wholeNumber(1, 65_535)),
  ),
  CONCURRENCY: described("Batches that a job works on at the same time", integer(1, 1_000, 3)),
  CONFIRM_TIMEOUT_MS: described("Max time to wait for a publisher confirm", integer(1, 600_000, 5_000)),
  JOB_TIMEOUT_MS: described("Max time that a job may take for one event", integer(1, 1_500_000, 30_000)),
  MAX_MESSAGE_BYTES: described(
    "Max size of a message; a larger one is dead-lettered unread, since parsing it could take the process down",
    integer(1_024, 134_217_728, 1_048_576),
  ),
  RETRY_DELAYS: described(
    "The retry queues that a failing message goes through before the dead letters",
    list(delayNames, delayNames),
  ),
  WAIT_LIMIT_MS: described(
    "How long an event may wait for its predecessor or for its doctor",
    integer(0, 2_592_000_000, 3_600_000),
  ),
  INBOX_RETENTION_DAYS: described(
    "How long the inbox remembers handled events: ARCHIVE_RETENTION_DAYS + 30, not below the archive's retention",
    v.optional(wholeNumber(1, 40_000)),
  ),
  ARCHIVE_RETENTION_DAYS: described(
    "How long the producer keeps its archive: its own ARCHIVE_RETENTION_DAYS",
    integer(1, 36_500, 400),
  ),
  SEND_CONTENT_RETENTION_DAYS: described(
    "How long the ledger keeps what a sent message said: as long as that it was sent, where it is not set",
    v.optional(wholeNumber(1, 40_000)),
  ),
  TOPOLOGY_CHECK_MS: described(
    "How often exchanges, queues and bindings are declared again, and the producer's archive is compared with what the jobs have had",
    integer(1_000, 600_000, 30_000),
  ),
  OPS_HOST: described(
    "The address to listen on for the operations page, free slots and, without PROBE_PORT, probes and metrics",
    v.optional(text, "127.0.0.1"),
  ),
  OPS_PORT: described("The port to listen on; 0 takes a free one", integer(0, 65_535, 3001)),
  TLS_CERT_FILE: pemFile("The certificate of that port, which then speaks HTTPS only (PEM)"),
  TLS_KEY_FILE: pemFile("The private key of that certificate (PEM)"),
  PROBE_HOST: described(
    "The address to listen on for /livez, /readyz and /metrics, where PROBE_PORT is set",
    v.optional(text, "127.0.0.1"),
  ),
  PROBE_PORT: described(
    "The port of /livez, /readyz and /metrics, without TLS; 0 takes a free one. Without it they are on OPS_PORT, for everybody",
    v.optional(wholeNumber(0, 65_535)),
  ),
  ANONYMOUS_RATE_LIMIT_PER_SECOND: described(
    "Max requests without a known key from one address to this process per second; 0 means no limit",
    integer(0, 1_000_000, 100),
  ),
  OPS_API_KEYS: described(
    "Who may see the operations page or ask for free slots: a JSON array of {name, sha256, scopes}, with the SHA-256 of each " +
      "key instead of the key; the scopes are ops:read, ops:act, ops:personal and availability:read. Without it both are off",
    v.optional(opsKeys, "[]"),
  ),
  OPS_PAGE_NETWORKS: described(
    "The IP addresses and networks besides this machine's own that the operations page answers to, with commas between",
    v.optional(networks),
  ),
  KEEP_ALIVE_TIMEOUT_MS: described(
    "How long a connection to that port that nobody uses stays open",
    integer(1_000, 3_600_000, 75_000),
  ),
  SMTP_URL: described("The mail server; required where the job notifications runs", v.optional(url("smtp:", "smtps:"))),
  SMTP_CA_FILE: caVariable(),
  SMTP_PLAINTEXT_HOSTS: described(
    "Mail servers that may be talked to without TLS, with commas between; this machine is one where SMTP_URL has no password",
    hostNames,
  ),
  MAIL_FROM: described("Sender of every mail and organizer of every invitation", v.optional(mailbox)),
  BOUNCES_URL: described(
    "The mailbox that notifications of mails' delivery arrive in, over IMAP, such as imaps://user:password@host/INBOX; without it " +
      "nobody learns that a mail did not arrive",
    v.optional(mailboxUrl),
  ),
  BOUNCES_CA_FILE: caVariable(),
  BOUNCES_ADDRESS: described(
    "The address of that mailbox, the envelope sender of every mail, where it is not that of MAIL_FROM",
    v.optional(mailbox),
  ),
  BOUNCES_CHECK_MS: described(
    "How often that mailbox is looked into, by all processes together",
    integer(1_000, 3_600_000, 60_000),
  ),
  CLINIC_NAME: described("The clinic's name, as patients know it", v.optional(oneLine, "Clinic")),
  DEFAULT_LOCALE: described("The language of doctors, and of patients who named none", v.optional(locale, "en")),
  REMINDER_LEAD_MINUTES: described(
    "How long before the visit a patient is reminded, with commas between",
    v.pipe(
      v.optional(v.string(), "1440,120"),
      v.check(
        (value) => /^\d{1,6}(,\d{1,6}){0,9}$/.test(value) && value.split(",").every((lead) => Number(lead) <= 525_600),
        "must be at most ten whole numbers up to 525600 (a year), with commas between",
      ),
      v.transform((value) => value.split(",").map(Number)),
    ),
  ),
  SEND_CONCURRENCY: described(
    "E-mails that are handed over at the same time, and as many text messages",
    integer(1, 1_000, 4),
  ),
  SMS_URL: described(
    "The SMS gateway, with Twilio's API; without it no text messages are sent",
    v.optional(url("http:", "https:")),
  ),
  SMS_CA_FILE: caVariable(),
  SMS_ACCOUNT_SID: described("The account at the SMS gateway", v.optional(text)),
  SMS_AUTH_TOKEN: described("The token of that account", v.optional(text)),
  SMS_FROM: described("The sender's number of text messages", v.optional(text)),
  SMS_CALLBACK_URL: described(
    "Where the SMS gateway reaches this process's port for receipts (/sms/status) and replies (/sms/inbound), from outside",
    v.optional(url("http:", "https:")),
  ),
  CALDAV_URL: described(
    "The CalDAV server; the calendar of a doctor is CALDAV_URL/<doctorId>/. Without it no calendars are written",
    v.optional(url("http:", "https:")),
  ),
  CALDAV_CA_FILE: caVariable(),
  CALDAV_USERNAME: described("The user at the CalDAV server", v.optional(text)),
  CALDAV_PASSWORD: described("The password of that user", v.optional(text)),
  AUDIT_CHECKPOINT_DIR: described(
    "A folder outside of the database for the audit trail's checkpoints",
    v.optional(text),
  ),
  AUDIT_SIGNING_KEY: described(
    "The Ed25519 key that signs the audit trail's checkpoints; `consumer audit new-key` makes one",
    v.optional(signingKey),
  ),
  AUDIT_HMAC_KEY: described(
    "The key of the checkpoints of before AUDIT_SIGNING_KEY was set, which are verified as well; it signs those of the " +
      "chain, once an hour, where AUDIT_SIGNING_KEY is not set",
    v.optional(text),
  ),
  AUDIT_DATABASE_URL: described(
    "The same database as another role, which then owns the audit tables, so that the role of DATABASE_URL can only add " +
      "to them. It has to be a member of that role (GRANT consumer TO consumer_audit)",
    v.optional(databaseUrl),
  ),
  AUDIT_WITNESS_URL: described(
    "A witness that cosigns the audit trail's checkpoints, run by somebody else (C2SP tlog-witness): its submission prefix",
    v.optional(url("http:", "https:")),
  ),
  AUDIT_WITNESS_VKEY: described(
    "The public key of that witness, NAME+ID+KEY, as C2SP writes it (signature type 4)",
    v.optional(witnessKey),
  ),
  AUDIT_WITNESS_CA_FILE: caVariable(),
  PRODUCER_OPS_URL: described(
    "The URL of the producer, for `consumer replay` and for finding missed events",
    v.optional(url("http:", "https:")),
  ),
  PRODUCER_OPS_CA_FILE: caVariable(),
  PRODUCER_OPS_KEY: described(
    "An API key of the producer with the scope ops; `consumer patients export` needs the scope export as well",
    v.optional(text),
  ),
  RECONCILE_AT: described(
    "When each night the jobs' tables and the calendars are compared with the producer's archive, in UTC, such as 02:30; " +
      "without it only `consumer reconcile` does",
    v.optional(v.pipe(v.string(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as 02:30"))),
  ),
  RECONCILE_DAYS: described("Each night, what had an event in so many days is compared", integer(1, 36_500, 30)),
  RECONCILE_REPAIR: described(
    "true where each night also mends what may be mended, as `consumer reconcile --repair` does",
    v.optional(
      v.pipe(v.picklist(["true", "false"], "must be true or false"), v.transform((value) => value === "true")),
      "false",
    ),
  ),
  RECONCILE_LAG_MS: described(
    "How long an event may be on its way before it is missed by a comparison",
    integer(1_000, 86_400_000, 60_000),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: described(
    "The OpenTelemetry collector that traces are sent to, over OTLP/HTTP; without it there are none",
    v.optional(url("http:", "https:")),
  ),
  TRACE_URL: described(
    "Where a trace is shown, with {traceId} in it, such as http://localhost:16686/trace/{traceId}",
    v.optional(v.pipe(url("http:", "https:"), v.includes("{traceId}", "must have {traceId} in it"))),
  ),
  LOG_LEVEL: described(
    "The lowest level of log lines that are written",
    v.optional(v.picklist(["trace", "debug", "info", "warn", "error", "silent"]), "info"),
  ),
  SHUTDOWN_TIMEOUT_MS: described("Max time after SIGTERM to finish what is in flight", integer(0, 600_000, 10_000)),
});
