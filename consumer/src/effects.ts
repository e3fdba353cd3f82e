import type { Sql } from "postgres";
import { createCalendarSender } from "./jobs/calendar/calendar-sender.ts";
import { createNoCalendarSender } from "./jobs/calendar/no-calendar-sender.ts";
import type { Config } from "./config.ts";
import { createAnalyticsJob } from "./jobs/analytics/analytics.ts";
import { createAuditSealer } from "./jobs/audit/sealer.ts";
import { createAuditJob } from "./jobs/audit/audit.ts";
import { createAvailabilityJob } from "./jobs/availability/availability.ts";
import { createCalendarJob } from "./jobs/calendar/calendar.ts";
import type { Job } from "./jobs/job.ts";
import { createNotificationsJob } from "./jobs/notifications/notifications.ts";
import { createPruner } from "./postgres/retention.ts";
import { createSendLedger } from "./jobs/notifications/send-ledger.ts";
import { createMessageWriter, type MessageWriter } from "./jobs/notifications/message-writer.ts";
import { createNotificationSenders } from "./jobs/notifications/sender.ts";
import { createReminderSender } from "./jobs/notifications/reminder-sender.ts";
import type { Sender } from "./outgoing/sender.ts";
import { watchHandOvers } from "./jobs/notifications/watch-hand-overs.ts";
import { createSmsGateway } from "./jobs/notifications/sms/sms-gateway.ts";
import { createSmtpMailer } from "./jobs/notifications/smtp/mailer.ts";
import { watchDependency } from "./telemetry/dependency-refusals.ts";
import type { Logger } from "./telemetry/logger.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import { readTemplates } from "./jobs/notifications/templates/template-store.ts";

export interface EffectsDependencies {
  config: Config;
  sql: Sql;
  log: Logger;
  now: () => Date;
  metrics: Pick<Metrics, "dependencyRefusing">;
}

const handOverTimeoutMs = 30_000;

/** Writes what the notifications job finds writable, and what its senders send. */
function createWriter({ mail, notifications: { clinicName, defaultLocale } }: Config): MessageWriter {
  const organizerEmail = mail?.from.address ?? "";
  return createMessageWriter({ templates: readTemplates(), clinicName, organizerEmail, defaultLocale });
}

/** The jobs that the configuration names. */
export function createJobs(config: Config): Job<unknown, unknown>[] {
  const { defaultLocale, reminderLeadMinutes } = config.notifications;
  const writer = createWriter(config);
  const jobs: Job<unknown, unknown>[] = [
    createNotificationsJob({
      sms: config.sms !== undefined,
      calendars: config.caldav !== undefined,
      defaultLocale,
      reminderLeadMinutes,
      writer,
    }),
    createAvailabilityJob(),
    createAuditJob(),
    createCalendarJob(),
    createAnalyticsJob(),
  ];
  return jobs.filter((job) => config.jobs.includes(job.name));
}

/** E-mail, text messages where they are configured, and the reminders that become both. */
function createSendersOfNotifications({ config, sql, log, now, metrics }: EffectsDependencies): Sender[] {
  const { mail, sms, notifications } = config;
  if (!mail) return [];
  if (!sms) log.info("SMS_URL is not set: no text messages are sent");
  const { defaultLocale, sendConcurrency } = notifications;
  const pollMs = 1_000;
  const mailer = createSmtpMailer({ ...mail, connections: sendConcurrency, timeoutMs: handOverTimeoutMs });
  const gateway = sms && createSmsGateway({ ...sms, timeoutMs: handOverTimeoutMs });
  const watch = (dependency: string) => watchDependency({ dependency, gauge: metrics.dependencyRefusing, log });
  const channels = createNotificationSenders({
    ledger: createSendLedger({ sql, leaseMs: 4 * handOverTimeoutMs, now }),
    writer: createWriter(config),
    mailer: { ...mailer, send: watchHandOvers(mailer.send, ({ to }) => to, watch("smtp")) },
    ...(gateway && { sms: { send: watchHandOvers(gateway.send, ({ to }) => to, watch("sms")) } }),
    now,
    log,
    concurrency: sendConcurrency,
    pollMs,
    backoff: { baseMs: 60_000, capMs: 3_600_000 },
    maxAttempts: 30,
    cooldown: { baseMs: 1_000, capMs: 60_000 },
  });
  const reminders = createReminderSender({
    sql,
    now,
    log,
    pollMs,
    sms: sms !== undefined,
    defaultLocale,
    fired: () => channels.forEach((channel) => channel.wake()),
  });
  return [...channels, reminders];
}

/** What carries out the intents of the jobs that run here, and prunes what is past its retention. */
export function createSenders(dependencies: EffectsDependencies): Sender[] {
  const { config, sql, log, now, metrics } = dependencies;
  const senders: Sender[] = [
    createPruner({ sql, log, now, retentionDays: config.inboxRetentionDays }),
  ];
  if (config.jobs.includes("notifications")) senders.push(...createSendersOfNotifications(dependencies));
  if (config.jobs.includes("calendar")) {
    if (config.caldav) {
      const watch = watchDependency({ dependency: "caldav", gauge: metrics.dependencyRefusing, log });
      senders.push(createCalendarSender({ sql, log, caldav: config.caldav, watch }));
    } else {
      log.info("CALDAV_URL is not set: no calendars are written");
      senders.push(createNoCalendarSender({ sql, log }));
    }
  }
  return senders;
}

/** Chains the audit trail, to which everything else writes. */
export function createSealer({ config, sql, log, now }: EffectsDependencies): Sender {
  if (!config.audit) log.info("AUDIT_CHECKPOINT_DIR is not set: the audit trail has no checkpoints");
  return createAuditSealer({ sql, log, now, checkpoints: config.audit });
}
