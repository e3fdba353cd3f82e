import * as v from "valibot";
import { environmentSchema } from "./environment.ts";
import { tlsOf } from "./tls.ts";

/** PostgreSQL connections that are left to the senders, the operations server and the sweepers. */
const reservedConnections = 5;

type Environment = v.InferOutput<typeof environmentSchema>;
type Variable = keyof Environment;

/** Every problem of the environment, one a line, each with its variable's name. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** The variables' values when all are set, undefined when none is; notes a problem when only some are. */
function group<Name extends Variable>(environment: Environment, names: readonly Name[], problems: string[]) {
  const missing = names.filter((name) => environment[name] === undefined);
  if (missing.length === names.length) return undefined;
  for (const name of missing) problems.push(`${name} is missing; ${names.join(", ")} go together`);
  return environment as { [Key in Name]: NonNullable<Environment[Key]> };
}

/** The only reader of the environment; an empty value counts as unset. Throws a ConfigError with every problem. */
export function readConfig(variables: Record<string, string | undefined>) {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = v.safeParse(environmentSchema, set);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.issues.map((issue) => {
        const name = String(issue.path?.[0].key);
        return set[name] === undefined ? `${name} is missing` : `${name} ${issue.message}`;
      }).join("\n"),
    );
  }

  const environment = parsed.output;
  const jobs = [...new Set(environment.JOBS)];
  const problems: string[] = [];
  const mail = group(environment, ["SMTP_URL", "MAIL_FROM"], problems);
  const sms = group(environment, ["SMS_URL", "SMS_ACCOUNT_SID", "SMS_AUTH_TOKEN", "SMS_FROM"], problems);
  const caldav = group(environment, ["CALDAV_URL", "CALDAV_USERNAME", "CALDAV_PASSWORD"], problems);
  group(environment, ["DATABASE_CERT_FILE", "DATABASE_KEY_FILE"], problems);
  group(environment, ["AMQP_CERT_FILE", "AMQP_KEY_FILE"], problems);
  const audit = group(environment, ["AUDIT_CHECKPOINT_DIR", "AUDIT_HMAC_KEY"], problems);
  const producer = group(environment, ["PRODUCER_OPS_URL", "PRODUCER_OPS_KEY"], problems);
  if (jobs.includes("notifications") && !mail) {
    problems.push("SMTP_URL and MAIL_FROM are missing; the job notifications needs them");
  }
  const needed = jobs.length * environment.CONCURRENCY + reservedConnections;
  if (jobs.length > 0 && needed > environment.DATABASE_POOL) {
    problems.push(`DATABASE_POOL must be at least ${needed}: jobs x CONCURRENCY, and ${reservedConnections} more`);
  }
  if (environment.CONCURRENCY > environment.PREFETCH) problems.push("CONCURRENCY must not be above PREFETCH");
  if (environment.INBOX_RETENTION_DAYS < environment.ARCHIVE_RETENTION_DAYS) {
    problems.push("INBOX_RETENTION_DAYS must not be below ARCHIVE_RETENTION_DAYS, or a replay would do things again");
  }
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));

  return {
    database: {
      url: environment.DATABASE_URL,
      pool: environment.DATABASE_POOL,
      tls: tlsOf(environment.DATABASE_CA_FILE, environment.DATABASE_CERT_FILE, environment.DATABASE_KEY_FILE),
    },
    amqp: {
      urls: environment.AMQP_URL,
      maxLength: environment.QUEUE_MAX_LENGTH,
      tls: tlsOf(environment.AMQP_CA_FILE, environment.AMQP_CERT_FILE, environment.AMQP_KEY_FILE),
    },
    jobs,
    inboxRetentionDays: environment.INBOX_RETENTION_DAYS,
    delivery: {
      prefetch: environment.PREFETCH,
      concurrency: environment.CONCURRENCY,
      confirmTimeoutMs: environment.CONFIRM_TIMEOUT_MS,
      jobTimeoutMs: environment.JOB_TIMEOUT_MS,
      retryDelays: environment.RETRY_DELAYS,
      waitLimitMs: environment.WAIT_LIMIT_MS,
    },
    ops: { host: environment.OPS_HOST, port: environment.OPS_PORT },
    notifications: {
      clinicName: environment.CLINIC_NAME,
      defaultLocale: environment.DEFAULT_LOCALE,
      reminderLeadMinutes: [...new Set(environment.REMINDER_LEAD_MINUTES)],
      sendConcurrency: environment.SEND_CONCURRENCY,
    },
    mail: mail && { url: mail.SMTP_URL, from: mail.MAIL_FROM },
    sms: sms && {
      url: sms.SMS_URL,
      accountSid: sms.SMS_ACCOUNT_SID,
      authToken: sms.SMS_AUTH_TOKEN,
      from: sms.SMS_FROM,
    },
    caldav: caldav && {
      url: caldav.CALDAV_URL,
      username: caldav.CALDAV_USERNAME,
      password: caldav.CALDAV_PASSWORD,
    },
    audit: audit && { folder: audit.AUDIT_CHECKPOINT_DIR, hmacKey: audit.AUDIT_HMAC_KEY },
    producer: producer && { url: producer.PRODUCER_OPS_URL, key: producer.PRODUCER_OPS_KEY },
    tracesEndpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT,
    logLevel: environment.LOG_LEVEL,
    shutdownTimeoutMs: environment.SHUTDOWN_TIMEOUT_MS,
  };
}

export type Config = ReturnType<typeof readConfig>;
