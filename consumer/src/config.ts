import * as v from "valibot";
import { type JobName, jobs } from "./generated/jobs.ts";
import { queues } from "./generated/topology.ts";
import { tlsOf, tlsVariables } from "./tls.ts";

const allJobs = Object.keys(jobs) as JobName[];
const delayNames = [
  ...new Set(Object.values(queues).flatMap((queue) => queue.retry.delays.map((delay) => delay.name as string))),
];

/** PostgreSQL connections that are left to the senders, the operations server and the sweepers. */
const reservedConnections = 5;

const text = v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"));
const url = (...schemes: string[]) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol),
      `must be a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`,
    ),
  );
const integer = (least: number, fallback: number) =>
  v.optional(
    v.pipe(
      v.string(),
      v.check((value) => /^\d+$/.test(value) && Number(value) >= least, `must be a whole number, at least ${least}`),
      v.transform(Number),
    ),
    String(fallback),
  );
/** Names with commas between, or `none`. */
const list = <Item extends string>(known: readonly Item[], fallback: readonly Item[]) =>
  v.pipe(
    v.optional(v.string(), fallback.join(",")),
    v.transform((value) => value === "none" ? [] : value.split(",").map((item) => item.trim())),
    v.array(v.picklist(known, `must be of ${known.join(", ")}`)),
  );

const environmentSchema = v.object({
  DATABASE_URL: url("postgres:", "postgresql:"),
  ...tlsVariables("DATABASE"),
  DATABASE_POOL: integer(2, 20),
  AMQP_URL: v.pipe(v.string(), v.transform((value) => value.split(",")), v.array(url("amqp:", "amqps:"))),
  ...tlsVariables("AMQP"),
  JOBS: list(allJobs, allJobs),
  QUEUE_MAX_LENGTH: v.optional(integer(1, 1)),
  PREFETCH: integer(1, 20),
  CONCURRENCY: integer(1, 3),
  CONFIRM_TIMEOUT_MS: integer(1, 5_000),
  JOB_TIMEOUT_MS: integer(1, 30_000),
  RETRY_DELAYS: list(delayNames, delayNames),
  WAIT_LIMIT_MS: integer(0, 3_600_000),
  OPS_HOST: v.optional(text, "127.0.0.1"),
  OPS_PORT: integer(0, 3001),
  SMTP_URL: v.optional(url("smtp:", "smtps:")),
  MAIL_FROM: v.optional(text),
  CLINIC_NAME: v.optional(text, "Clinic"),
  DEFAULT_LOCALE: v.optional(text, "en"),
  REMINDER_LEAD_MINUTES: v.pipe(
    v.optional(v.string(), "1440,120"),
    v.check((value) => /^\d+(,\d+)*$/.test(value), "must be whole numbers with commas between"),
    v.transform((value) => value.split(",").map(Number)),
  ),
  SEND_CONCURRENCY: integer(1, 4),
  SMS_URL: v.optional(url("http:", "https:")),
  SMS_ACCOUNT_SID: v.optional(text),
  SMS_AUTH_TOKEN: v.optional(text),
  SMS_FROM: v.optional(text),
  CALDAV_URL: v.optional(url("http:", "https:")),
  CALDAV_USERNAME: v.optional(text),
  CALDAV_PASSWORD: v.optional(text),
  AUDIT_CHECKPOINT_DIR: v.optional(text),
  AUDIT_HMAC_KEY: v.optional(text),
  PRODUCER_OPS_URL: v.optional(url("http:", "https:")),
  PRODUCER_OPS_KEY: v.optional(text),
  LOG_LEVEL: v.optional(v.picklist(["trace", "debug", "info", "warn", "error", "silent"]), "info"),
  SHUTDOWN_TIMEOUT_MS: integer(0, 10_000),
});

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
  const problems: string[] = [];
  const mail = group(environment, ["SMTP_URL", "MAIL_FROM"], problems);
  const sms = group(environment, ["SMS_URL", "SMS_ACCOUNT_SID", "SMS_AUTH_TOKEN", "SMS_FROM"], problems);
  const caldav = group(environment, ["CALDAV_URL", "CALDAV_USERNAME", "CALDAV_PASSWORD"], problems);
  group(environment, ["DATABASE_CERT_FILE", "DATABASE_KEY_FILE"], problems);
  group(environment, ["AMQP_CERT_FILE", "AMQP_KEY_FILE"], problems);
  const audit = group(environment, ["AUDIT_CHECKPOINT_DIR", "AUDIT_HMAC_KEY"], problems);
  const producer = group(environment, ["PRODUCER_OPS_URL", "PRODUCER_OPS_KEY"], problems);
  if (environment.JOBS.includes("notifications") && !mail) {
    problems.push("SMTP_URL and MAIL_FROM are missing; the job notifications needs them");
  }
  const needed = environment.JOBS.length * environment.CONCURRENCY + reservedConnections;
  if (environment.JOBS.length > 0 && needed > environment.DATABASE_POOL) {
    problems.push(`DATABASE_POOL must be at least ${needed}: jobs x CONCURRENCY, and ${reservedConnections} more`);
  }
  if (environment.CONCURRENCY > environment.PREFETCH) problems.push("CONCURRENCY must not be above PREFETCH");
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
    jobs: environment.JOBS,
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
      reminderLeadMinutes: environment.REMINDER_LEAD_MINUTES,
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
    logLevel: environment.LOG_LEVEL,
    shutdownTimeoutMs: environment.SHUTDOWN_TIMEOUT_MS,
  };
}

export type Config = ReturnType<typeof readConfig>;
