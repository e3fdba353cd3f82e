import { Hono } from "hono";
import type { Config } from "../../config.ts";
import { watchDependency } from "../../telemetry/dependency-refusals.ts";
import { createIntentTrace } from "../../telemetry/intent-span.ts";
import type { JobModule, WorkerDependencies } from "../module.ts";
import { createBounceMailbox } from "./bounces/bounce-mailbox.ts";
import { createBounceReader, reportOutcomes } from "./bounces/bounce-reader.ts";
import { sendsCommand } from "./command.ts";
import { createSendCount } from "./count-sends.ts";
import { forgetContents } from "./forget-contents.ts";
import { createMessageWriter, type MessageWriter } from "./message-writer.ts";
import { createNotificationsJob } from "./notifications.ts";
import { prunePatients } from "./prune-patients.ts";
import { createNotificationsReconciliation } from "./reconcile.ts";
import { createProducerReports } from "./reports/producer-reports.ts";
import { countWaitingReports, createReportQueue, pruneReports } from "./reports/report-queue.ts";
import { createReportSender } from "./reports/report-sender.ts";
import { createReminderSender } from "./reminder-sender.ts";
import { createSendLedger } from "./send-ledger.ts";
import { createNotificationSenders } from "./sender.ts";
import { createSmsCallbacks } from "./sms/callbacks.ts";
import { createSmsMessages } from "./sms/sms-messages.ts";
import { createUnknownSettler } from "./settle-unknown.ts";
import { createSmsGateway } from "./sms/sms-gateway.ts";
import { createSmtpMailer } from "./smtp/mailer.ts";
import { readTemplates } from "./templates/template-store.ts";
import { countUnfinishedSends } from "./unfinished-sends.ts";
import { watchHandOvers } from "./watch-hand-overs.ts";

const handOverTimeoutMs = 30_000;
/** Longer than a request to the producer may take. */
const reportLeaseMs = 60_000;
const mailboxTimeoutMs = 15_000;

/** Writes what the job finds writable, and what its senders send. */
function createWriter({ mail, notifications: { clinicName, defaultLocale } }: Config): MessageWriter {
  const organizerEmail = mail?.from.address ?? "";
  return createMessageWriter({ templates: readTemplates(), clinicName, organizerEmail, defaultLocale });
}

function createJob(config: Config) {
  const { defaultLocale, reminderLeadMinutes } = config.notifications;
  return createNotificationsJob({
    sms: config.sms !== undefined,
    calendars: config.caldav !== undefined,
    defaultLocale,
    reminderLeadMinutes,
    writer: createWriter(config),
  });
}

function bounceReader(
  { metrics, ...deps }: Omit<WorkerDependencies, "tracer">,
  bounces: NonNullable<Config["bounces"]>,
) {
  const { user, host, port, folder, checkMs } = bounces;
  for (const word of reportOutcomes) metrics.mailReceipts.inc({ word }, 0);
  return createBounceReader({
    ...deps,
    mailbox: createBounceMailbox({ ...bounces, timeoutMs: mailboxTimeoutMs }),
    name: `${user}@${host}:${port}/${folder}`,
    everyMs: checkMs,
    turnMs: 60_000,
    watch: watchDependency({ dependency: "imap", gauge: metrics.dependencyRefusing, log: deps.log }),
    counted: (word) => metrics.mailReceipts.inc({ word }),
  });
}

export const notifications: JobModule = {
  name: "notifications",
  job: createJob,
  /** E-mail, text messages where they are configured, and the reminders that become both. */
  workers({ config, sql, log, now, metrics, tracer, audited }) {
    const { mail, sms, bounces, notifications: { defaultLocale, sendConcurrency } } = config;
    if (!mail) return [];
    if (!sms) log.info("SMS_URL is not set: no text messages are sent");
    const mailer = createSmtpMailer({
      ...mail,
      notifiesSuccess: bounces !== undefined,
      connections: sendConcurrency,
      timeoutMs: handOverTimeoutMs,
    });
    const atGateway = sms && {
      ...sms,
      timeoutMs: handOverTimeoutMs,
      statusUrl: sms.callbackUrl && `${sms.callbackUrl.replace(/\/+$/, "")}/sms/status`,
    };
    const gateway = atGateway && createSmsGateway(atGateway);
    const watch = (dependency: string) => watchDependency({ dependency, gauge: metrics.dependencyRefusing, log });
    const senders = createNotificationSenders({
      ledger: createSendLedger({ sql, leaseMs: 4 * handOverTimeoutMs, now }),
      writer: createWriter(config),
      mailer: { ...mailer, send: watchHandOvers(mailer.send, ({ to }) => to, watch("smtp")) },
      ...(gateway && { sms: { send: watchHandOvers(gateway.send, ({ to }) => to, watch("sms")) } }),
      now,
      log,
      concurrency: sendConcurrency,
      backoff: { baseMs: 60_000, capMs: 3_600_000 },
      maxAttempts: 30,
      cooldown: { baseMs: 1_000, capMs: 60_000 },
      traces: {
        email: createIntentTrace({ tracer, name: "send mail", url: mail.url }),
        ...(sms && { sms: createIntentTrace({ tracer, name: "send text message", url: sms.url }) }),
      },
      recorded: createSendCount({ metrics, now, templates: readTemplates().names }),
      audited,
    });
    const reminders = createReminderSender({
      sql,
      now,
      log,
      sms: sms !== undefined,
      defaultLocale,
      fired() {
        audited();
        for (const sender of senders) sender.wake();
      },
    });
    const { producer } = config;
    const reports = producer
      ? [createReportSender({
        queue: createReportQueue({ sql, leaseMs: reportLeaseMs, now }),
        tell: createProducerReports(producer),
        watch: watch("producer"),
        now,
        log,
        backoff: { baseMs: 60_000, capMs: 3_600_000 },
        cooldown: { baseMs: 1_000, capMs: 60_000 },
      })]
      : [];
    const messages = atGateway && createSmsMessages(atGateway);
    return [
      ...senders,
      reminders,
      ...reports,
      ...(messages ? [createUnknownSettler({ sql, writer: createWriter(config), messages, now, log, audited })] : []),
      ...(bounces ? [bounceReader({ config, sql, log, now, metrics, audited }, bounces)] : []),
    ];
  },
  routes({ config: { sms }, sql, now, log }) {
    if (!sms?.callbackUrl) return new Hono();
    const { callbackUrl, authToken } = sms;
    return createSmsCallbacks({ sql, callbackUrl, authToken, now, log });
  },
  command: sendsCommand,
  async gauges(sql, { mail, producer }) {
    const sends = await countUnfinishedSends(sql);
    // Without a producer to tell, nobody waits for reports.
    return mail && producer ? [...sends, ...await countWaitingReports(sql)] : sends;
  },
  reconcile: (config) =>
    // What can't be written can't be decided either.
    config.mail && createNotificationsReconciliation({
      job: createJob(config),
      reminderLeadMinutes: config.notifications.reminderLeadMinutes,
      retentionDays: config.inboxRetentionDays,
    }),
  prune: [...prunePatients, pruneReports],
  pruneSooner({ notifications: { contentRetentionDays: retentionDays } }) {
    return retentionDays === undefined ? undefined : { retentionDays, batches: [forgetContents] };
  },
};
