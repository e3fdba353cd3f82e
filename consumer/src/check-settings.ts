import type * as v from "valibot";
import type { environmentSchema } from "./environment.ts";
import { weaknessOfHmacKey } from "./jobs/audit/weak-keys.ts";
import { plainHosts } from "./plain-addresses.ts";
import { tlsOf } from "./tls.ts";

/** PostgreSQL connections that are left to the senders, the operations server and the sweepers. */
const reservedConnections = 5;

export type Environment = v.InferOutput<typeof environmentSchema>;
export type Variable = keyof Environment;

export const mailVariables = ["SMTP_URL", "MAIL_FROM"] as const;
export const smsVariables = ["SMS_URL", "SMS_ACCOUNT_SID", "SMS_AUTH_TOKEN", "SMS_FROM"] as const;
export const caldavVariables = ["CALDAV_URL", "CALDAV_USERNAME", "CALDAV_PASSWORD"] as const;
export const patientKeysVariables = ["PATIENT_KEYS_URL", "PATIENT_KEYS_MASTER"] as const;
export const witnessVariables = ["AUDIT_WITNESS_URL", "AUDIT_WITNESS_VKEY"] as const;
export const producerVariables = ["PRODUCER_OPS_URL", "PRODUCER_OPS_KEY"] as const;

/**
 * Every address that the service itself connects to, but the mail server's, to which STARTTLS is demanded; and the one at
 * which the gateway tells it of numbers.
 */
const addressVariables = [
  "DATABASE_URL",
  "AUDIT_DATABASE_URL",
  "PATIENT_KEYS_URL",
  "AMQP_URL",
  "BOUNCES_URL",
  "SMS_URL",
  "SMS_CALLBACK_URL",
  "CALDAV_URL",
  "AUDIT_WITNESS_URL",
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
  witnessVariables,
  producerVariables,
];

/** The variables as they are set. */
export type Set = Readonly<Record<string, string>>;

/** As many as work at the same time, so that nobody waits for another's connection. */
export function neededConnections(jobs: readonly string[] | undefined, concurrency: number | undefined): number {
  return new Set(jobs).size * concurrency! + reservedConnections;
}

/** What variables that are of use together only have wrong in common; a wrong one among them is a problem of its own. */
export function checkTogether(set: Set, environment: Partial<Environment>, problems: string[]): void {
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
function checkAudit(set: Set, problems: string[]): void {
  const { AUDIT_CHECKPOINT_DIR, AUDIT_SIGNING_KEY, AUDIT_HMAC_KEY, AUDIT_WITNESS_URL } = set;
  if (AUDIT_CHECKPOINT_DIR === undefined || AUDIT_SIGNING_KEY !== undefined) return;
  if (AUDIT_WITNESS_URL !== undefined) {
    problems.push("AUDIT_WITNESS_URL needs AUDIT_SIGNING_KEY: signed trees are cosigned");
  }
  if (AUDIT_HMAC_KEY === undefined) {
    problems.push("AUDIT_SIGNING_KEY is missing; AUDIT_CHECKPOINT_DIR needs it (`consumer audit new-key` makes one)");
    return;
  }
  // Beside AUDIT_SIGNING_KEY it signs nothing any more.
  const weakness = weaknessOfHmacKey(AUDIT_HMAC_KEY);
  if (weakness !== undefined) problems.push(`AUDIT_HMAC_KEY ${weakness}, or set AUDIT_SIGNING_KEY`);
}

export function databaseTls(environment: Partial<Environment>) {
  return tlsOf(environment.DATABASE_CA_FILE, environment.DATABASE_CERT_FILE, environment.DATABASE_KEY_FILE);
}

/** Addresses without TLS to hosts that nobody has allowed. */
export function checkPlainAddresses(environment: Partial<Environment>, problems: string[]): void {
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
