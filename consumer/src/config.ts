import * as v from "valibot";
import { environmentSchema } from "./environment.ts";
import { weaknessOfHmacKey } from "./jobs/audit/weak-keys.ts";
import { requiresTls } from "./jobs/notifications/smtp/requires-tls.ts";
import { databaseSecurity, plainHosts } from "./plain-addresses.ts";
import { tlsOf } from "./tls.ts";

/** PostgreSQL connections that are left to the senders, the operations server and the sweepers. */
const reservedConnections = 5;

type Environment = v.InferOutput<typeof environmentSchema>;
type Variable = keyof Environment;

const mailVariables = ["SMTP_URL", "MAIL_FROM"] as const;
const smsVariables = ["SMS_URL", "SMS_ACCOUNT_SID", "SMS_AUTH_TOKEN", "SMS_FROM"] as const;
const caldavVariables = ["CALDAV_URL", "CALDAV_USERNAME", "CALDAV_PASSWORD"] as const;
const patientKeysVariables = ["PATIENT_KEYS_URL", "PATIENT_KEYS_MASTER"] as const;
const producerVariables = ["PRODUCER_OPS_URL", "PRODUCER_OPS_KEY"] as const;

/**
 * Every address that the service itself connects to, but the mail server's, to which STARTTLS is demanded; and the one at
 * which the gateway tells it of numbers.
 */
const addressVariables = [
  "DATABASE_URL",
  "AUDIT_DATABASE_URL",
  "PATIENT_KEYS_URL",
  "AMQP_URL",
  "SMS_URL",
  "SMS_CALLBACK_URL",
  "CALDAV_URL",
  "PRODUCER_OPS_URL",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
] as const;

/** None of a group is set, or all are. */
const groups: readonly (readonly Variable[])[] = [
  mailVariables,
  smsVariables,
  caldavVariables,
  ["TLS_CERT_FILE", "TLS_KEY_FILE"],
  ["DATABASE_CERT_FILE", "DATABASE_KEY_FILE"],
  ["AMQP_CERT_FILE", "AMQP_KEY_FILE"],
  patientKeysVariables,
  producerVariables,
];

/** Every problem of the environment, one a line, each with its variable's name. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

type Set = Readonly<Record<string, string>>;

/** Every variable's value; notes a problem of each that is missing or wrong, and leaves it out. */
function readEach(set: Set, problems: string[]): Partial<Environment> {
  const values = Object.entries(environmentSchema.entries).map(([name, schema]) => {
    const parsed = v.safeParse(schema, set[name]);
    if (parsed.success) return [name, parsed.output];
    problems.push(set[name] === undefined ? `${name} is missing` : `${name} ${parsed.issues[0].message}`);
    return [name, undefined];
  });
  return Object.fromEntries(values);
}

/** As many as work at the same time, so that nobody waits for another's connection. */
function neededConnections(jobs: readonly string[] | undefined, concurrency: number | undefined): number {
  return new Set(jobs).size * concurrency! + reservedConnections;
}

/** What variables that are of use together only have wrong in common; a wrong one among them is a problem of its own. */
function checkTogether(set: Set, environment: Partial<Environment>, problems: string[]): void {
  for (const names of groups) {
    const missing = names.filter((name) => set[name] === undefined);
    if (missing.length === names.length) continue;
    for (const name of missing) problems.push(`${name} is missing; ${names.join(", ")} go together`);
  }
  const { JOBS: jobs, CONCURRENCY, PREFETCH, DATABASE_POOL, INBOX_RETENTION_DAYS, ARCHIVE_RETENTION_DAYS } =
    environment;
  if (jobs?.includes("notifications") && set.SMTP_URL === undefined && set.MAIL_FROM === undefined) {
    problems.push("SMTP_URL and MAIL_FROM are missing; the job notifications needs them");
  }
  // A comparison with a value that was left out is false: it has a default that fits, or has been told.
  const needed = neededConnections(jobs, CONCURRENCY);
  if (jobs && jobs.length > 0 && needed > DATABASE_POOL!) {
    problems.push(`DATABASE_POOL must be at least ${needed}: jobs x CONCURRENCY, and ${reservedConnections} more`);
  }
  checkAudit(set, problems);
  if (set.RECONCILE_AT !== undefined && set.PRODUCER_OPS_URL === undefined) {
    problems.push("RECONCILE_AT needs PRODUCER_OPS_URL: the archive is compared with");
  }
  if (CONCURRENCY! > PREFETCH!) problems.push("CONCURRENCY must not be above PREFETCH");
  if (INBOX_RETENTION_DAYS! < ARCHIVE_RETENTION_DAYS!) {
    problems.push("INBOX_RETENTION_DAYS must not be below ARCHIVE_RETENTION_DAYS, or a replay would do things again");
  }
}

/** A key without the folder is left unused: a process of another job has the key and no volume. */
function checkAudit({ AUDIT_CHECKPOINT_DIR, AUDIT_SIGNING_KEY, AUDIT_HMAC_KEY }: Set, problems: string[]): void {
  if (AUDIT_CHECKPOINT_DIR === undefined || AUDIT_SIGNING_KEY !== undefined) return;
  if (AUDIT_HMAC_KEY === undefined) {
    problems.push("AUDIT_SIGNING_KEY is missing; AUDIT_CHECKPOINT_DIR needs it (`consumer audit new-key` makes one)");
    return;
  }
  // Beside AUDIT_SIGNING_KEY it signs nothing any more.
  const weakness = weaknessOfHmacKey(AUDIT_HMAC_KEY);
  if (weakness !== undefined) problems.push(`AUDIT_HMAC_KEY ${weakness}, or set AUDIT_SIGNING_KEY`);
}

function databaseTls(environment: Partial<Environment>) {
  return tlsOf(environment.DATABASE_CA_FILE, environment.DATABASE_CERT_FILE, environment.DATABASE_KEY_FILE);
}

/** Addresses without TLS to hosts that nobody has allowed. */
function checkPlainAddresses(environment: Partial<Environment>, problems: string[]): void {
  const allowed = environment.PLAINTEXT_HOSTS ?? [];
  const hasCertificates = databaseTls(environment) !== undefined;
  for (const name of addressVariables) {
    const hosts = [environment[name] ?? []].flat().flatMap((url) => plainHosts(url, hasCertificates));
    for (const host of new Set(hosts)) {
      if (allowed.includes(host)) continue;
      problems.push(`${name} has no TLS to ${host}; PLAINTEXT_HOSTS has to name ${host} where that is meant`);
    }
  }
}

/** The variables' values, or undefined when they are not set. */
function group<Name extends Variable>(environment: Environment, names: readonly Name[]) {
  if (environment[names[0]!] === undefined) return undefined;
  return environment as { [Key in Name]: NonNullable<Environment[Key]> };
}

/** What the operations port shows; checkTogether has seen to it that there is neither or both. */
function certificateOf({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key }: Environment) {
  return cert !== undefined && key !== undefined ? { cert, key } : undefined;
}

/** What works, and is less than it looks. */
function warningsOf(environment: Environment): string[] {
  const isUnverified =
    databaseSecurity(environment.DATABASE_URL, databaseTls(environment) !== undefined) === "unverified";
  return isUnverified
    ? ["DATABASE_URL: sslmode=require without DATABASE_CA_FILE takes any server's certificate; set it, or verify-full"]
    : [];
}

/** The only reader of the environment; an empty value counts as unset. Throws a ConfigError with every problem. */
export function readConfig(variables: Record<string, string | undefined>) {
  const set = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""),
  ) as Set;
  const problems: string[] = [];
  const read = readEach(set, problems);
  checkTogether(set, read, problems);
  checkPlainAddresses(read, problems);
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));

  const environment = read as Environment;
  const jobs = [...new Set(environment.JOBS)];
  const mail = group(environment, mailVariables);
  const sms = group(environment, smsVariables);
  const caldav = group(environment, caldavVariables);
  const producer = group(environment, producerVariables);
  const patientKeys = group(environment, patientKeysVariables);
  return {
    database: {
      url: environment.DATABASE_URL,
      pool: environment.DATABASE_POOL ?? neededConnections(environment.JOBS, environment.CONCURRENCY),
      pooled: environment.DATABASE_POOLED,
      schema: environment.DATABASE_SCHEMA,
      tls: databaseTls(environment),
    },
    patientKeys: patientKeys && { url: patientKeys.PATIENT_KEYS_URL, masters: patientKeys.PATIENT_KEYS_MASTER },
    amqp: {
      urls: environment.AMQP_URL,
      maxLength: environment.QUEUE_MAX_LENGTH,
      checkTopologyMs: environment.TOPOLOGY_CHECK_MS,
      tls: tlsOf(environment.AMQP_CA_FILE, environment.AMQP_CERT_FILE, environment.AMQP_KEY_FILE),
    },
    jobs,
    inboxRetentionDays: environment.INBOX_RETENTION_DAYS ?? environment.ARCHIVE_RETENTION_DAYS + 30,
    delivery: {
      prefetch: environment.PREFETCH ?? Math.max(300, environment.CONCURRENCY),
      concurrency: environment.CONCURRENCY,
      confirmTimeoutMs: environment.CONFIRM_TIMEOUT_MS,
      jobTimeoutMs: environment.JOB_TIMEOUT_MS,
      maxMessageBytes: environment.MAX_MESSAGE_BYTES,
      retryDelays: environment.RETRY_DELAYS,
      waitLimitMs: environment.WAIT_LIMIT_MS,
    },
    ops: {
      host: environment.OPS_HOST,
      port: environment.OPS_PORT,
      keepAliveTimeoutMs: environment.KEEP_ALIVE_TIMEOUT_MS,
      keys: environment.OPS_API_KEYS,
      networks: environment.OPS_PAGE_NETWORKS,
      anonymousPerSecond: environment.ANONYMOUS_RATE_LIMIT_PER_SECOND,
      certificate: certificateOf(environment),
      probes: environment.PROBE_PORT === undefined
        ? undefined
        : { host: environment.PROBE_HOST, port: environment.PROBE_PORT },
    },
    notifications: {
      clinicName: environment.CLINIC_NAME,
      defaultLocale: environment.DEFAULT_LOCALE,
      reminderLeadMinutes: [...new Set(environment.REMINDER_LEAD_MINUTES)],
      sendConcurrency: environment.SEND_CONCURRENCY,
      contentRetentionDays: environment.SEND_CONTENT_RETENTION_DAYS,
    },
    mail: mail && {
      url: mail.SMTP_URL,
      from: mail.MAIL_FROM,
      ca: environment.SMTP_CA_FILE,
      requireTls: requiresTls(mail.SMTP_URL, environment.SMTP_PLAINTEXT_HOSTS),
    },
    sms: sms && {
      url: sms.SMS_URL,
      accountSid: sms.SMS_ACCOUNT_SID,
      authToken: sms.SMS_AUTH_TOKEN,
      from: sms.SMS_FROM,
      ca: environment.SMS_CA_FILE,
      callbackUrl: environment.SMS_CALLBACK_URL,
    },
    caldav: caldav && {
      url: caldav.CALDAV_URL,
      username: caldav.CALDAV_USERNAME,
      password: caldav.CALDAV_PASSWORD,
      ca: environment.CALDAV_CA_FILE,
    },
    audit: {
      folder: environment.AUDIT_CHECKPOINT_DIR,
      signer: environment.AUDIT_SIGNING_KEY,
      hmacKey: environment.AUDIT_HMAC_KEY,
      databaseUrl: environment.AUDIT_DATABASE_URL,
    },
    producer: producer && {
      url: producer.PRODUCER_OPS_URL,
      key: producer.PRODUCER_OPS_KEY,
      ca: environment.PRODUCER_OPS_CA_FILE,
    },
    reconcile: {
      at: environment.RECONCILE_AT,
      days: environment.RECONCILE_DAYS,
      repair: environment.RECONCILE_REPAIR,
      lagMs: environment.RECONCILE_LAG_MS,
    },
    tracesEndpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT,
    traceUrl: environment.TRACE_URL,
    warnings: warningsOf(environment),
    logLevel: environment.LOG_LEVEL,
    shutdownTimeoutMs: environment.SHUTDOWN_TIMEOUT_MS,
  };
}

export type Config = ReturnType<typeof readConfig>;
