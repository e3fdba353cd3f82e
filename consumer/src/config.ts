import * as v from "valibot";
import {
  caldavVariables,
  checkPlainAddresses,
  checkTogether,
  databaseTls,
  type Environment,
  mailVariables,
  neededConnections,
  patientKeysVariables,
  producerVariables,
  type Set,
  smsVariables,
  type Variable,
  witnessVariables,
} from "./check-settings.ts";
import { environmentSchema } from "./environment.ts";
import { readMailboxAddress } from "./jobs/notifications/bounces/mailbox-address.ts";
import { requiresTls } from "./jobs/notifications/smtp/requires-tls.ts";
import { databaseSecurity } from "./plain-addresses.ts";
import { tlsOf } from "./tls.ts";

/** Every problem of the environment, one a line, each with its variable's name. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

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

/** The variables' values, or undefined when they are not set. */
function group<Name extends Variable>(environment: Environment, names: readonly Name[]) {
  if (environment[names[0]!] === undefined) return undefined;
  return environment as { [Key in Name]: NonNullable<Environment[Key]> };
}

/** What the operations port shows; checkTogether has seen to it that there is neither or both. */
function certificateOf({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key }: Environment) {
  return cert !== undefined && key !== undefined ? { cert, key } : undefined;
}

/** The mailbox that is read, where there is one. */
function bouncesOf({ BOUNCES_URL, BOUNCES_CA_FILE: ca, BOUNCES_CHECK_MS: checkMs }: Environment) {
  const address = BOUNCES_URL === undefined ? undefined : readMailboxAddress(BOUNCES_URL);
  return address && { ...address, ca, checkMs };
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
  const witness = group(environment, witnessVariables);
  return {
    database: {
      url: environment.DATABASE_URL,
      pool: environment.DATABASE_POOL ?? neededConnections(environment.JOBS, environment.CONCURRENCY),
      pooled: environment.DATABASE_POOLED,
      schema: environment.DATABASE_SCHEMA,
      tls: databaseTls(environment),
    },
    patientKeys: patientKeys && {
      url: patientKeys.PATIENT_KEYS_URL,
      masters: patientKeys.PATIENT_KEYS_MASTER,
      tls: databaseTls({
        ...environment,
        DATABASE_CA_FILE: environment.PATIENT_KEYS_CA_FILE ?? environment.DATABASE_CA_FILE,
      }),
    },
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
      returnPath: environment.BOUNCES_ADDRESS?.address,
    },
    bounces: bouncesOf(environment),
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
      witness: witness && {
        url: witness.AUDIT_WITNESS_URL,
        verifier: witness.AUDIT_WITNESS_VKEY,
        ca: environment.AUDIT_WITNESS_CA_FILE,
      },
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
