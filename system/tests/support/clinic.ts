import { execFile as execFileWithCallback, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import postgres from "postgres";
import { createDoctor, waitUntilDoctorIsKnown } from "../../doctor.ts";
import { root } from "../../local-files.ts";
import { type Runtime, startService } from "../../service.ts";
import { consumerVariables, producerVariables } from "../../service-variables.ts";
import { freePort } from "../../stack/free-port.ts";
import { createReleases } from "../../stack/releases.ts";
import { startCaldavServer } from "../../stand-ins/caldav-server.ts";
import { startSmsGateway } from "../../stand-ins/sms-gateway.ts";
import { startSmtpCatcher } from "../../stand-ins/smtp-catcher.ts";
import { createPrivateDatabases } from "./private-databases.ts";
import { createPrivateVhost } from "./private-vhost.ts";

const execFile = promisify(execFileWithCallback);

export interface ClinicOptions {
  /** Instead of the RabbitMQ for tests. */
  broker?: { amqpUrl: string; managementUrl: string };
  /** The broker has no exchange and no queue yet, as when a first service starts. */
  withoutTopology?: boolean;
  /** Instead of two new ones. */
  databases?: { producer: string; consumer: string };
  /** How long the SMTP server takes for a mail. */
  mailDelayMs?: number;
}

/** Everything around the two services, and ways to start each of them as a process. */
export async function createClinic(options: ClinicOptions = {}) {
  const releases = createReleases(console.error);
  const folder = mkdtempSync(join(tmpdir(), "clinic-"));
  releases.add("the folder", () => rmSync(folder, { recursive: true }));
  const databases = options.databases ?? await createPrivateDatabases(releases);
  const broker = await createPrivateVhost(options);
  releases.add("the virtual host", broker.remove);

  const mail = await startSmtpCatcher({
    smtpPort: await freePort(),
    httpPort: 0,
    file: join(folder, "mails.jsonl"),
    delayMs: options.mailDelayMs ?? 0,
  });
  releases.add("mail", mail.stop);
  const sms = await startSmsGateway({
    port: 0,
    file: join(folder, "text-messages.jsonl"),
    accountSid: "AC0",
    authToken: "secret",
  });
  releases.add("sms", sms.stop);
  const calendar = await startCaldavServer({
    port: 0,
    folder: join(folder, "calendars"),
    username: "clinic",
    password: "secret",
  });
  releases.add("calendar", calendar.stop);

  const apiKey = randomBytes(18).toString("base64url");
  const port = await freePort();
  const api = `http://127.0.0.1:${port}`;
  const producerSql = postgres(databases.producer, { max: 2, onnotice: () => {} });
  releases.add("producer's database", () => producerSql.end());
  const consumerSql = postgres(databases.consumer, { max: 2, onnotice: () => {} });
  releases.add("consumer's database", () => consumerSql.end());
  const log: string[] = [];
  let instances = 0;

  function start(
    name: "producer" | "consumer",
    env: Record<string, string>,
    { runtime, root, ...more }: ProcessOptions,
  ) {
    const logFolder = join(folder, String(instances++));
    const onLine = (line: string) => void log.push(line);
    return startService({
      name,
      runtime,
      root,
      env: { ...env, ...more.env },
      logFolder,
      onLine,
      releases,
    });
  }

  const producerEnvironment = () =>
    producerVariables({ port, database: databases.producer, amqp: broker.access.producer, apiKey });
  const consumerEnvironment = () =>
    consumerVariables({
      opsPort: 0,
      database: databases.consumer,
      amqp: broker.access.consumer,
      mail,
      sms,
      calendar,
      audit: { folder: join(folder, "audit"), secret: "a key of at least thirty-two characters" },
      producer: { url: api, apiKey },
    });

  return {
    api,
    apiKey,
    /** Of a user that may do everything. */
    amqp: broker.amqpUrl,
    access: broker.access,
    mail,
    sms,
    calendar,
    producerSql,
    consumerSql,
    /** The settings of the two services. */
    environments: { producer: producerEnvironment, consumer: consumerEnvironment },
    /** What both services said. */
    log,
    startProducer: (options: ProcessOptions = {}) => start("producer", producerEnvironment(), options),
    startConsumer: (options: ProcessOptions = {}) => start("consumer", consumerEnvironment(), options),
    /** A program of a service, in its environment and left to itself, so that it can be stopped and killed. */
    spawn(name: "producer" | "consumer", args: string[], options: Omit<ProcessOptions, "runtime"> = {}) {
      const { PATH } = process.env;
      const own = name === "producer" ? producerEnvironment() : consumerEnvironment();
      return spawn(process.execPath, ["--import", "tsx", ...args], {
        cwd: join(options.root ?? root, name),
        env: { ...own, ...(PATH && { PATH }), ...options.env },
        stdio: "ignore",
      });
    },
    /** What `consumer …` prints, run beside the service. Throws where it ends with another code than 0. */
    async consumerCommand(...args: string[]): Promise<string> {
      const { PATH } = process.env;
      const { stdout } = await execFile(process.execPath, ["--import", "tsx", "src/cli.ts", ...args], {
        cwd: join(root, "consumer"),
        env: { ...consumerEnvironment(), ...(PATH && { PATH }) },
        timeout: 60_000,
        maxBuffer: 2 ** 28,
      });
      return stdout;
    },
    async createDoctor() {
      await createDoctor(api, apiKey);
      await waitUntilDoctorIsKnown(databases.consumer);
    },
    remove: releases.run,
  };
}

export interface ProcessOptions {
  runtime?: Runtime;
  /** The folder of both services, when it is not this checkout. */
  root?: string | undefined;
  env?: Record<string, string>;
}

export type Clinic = Awaited<ReturnType<typeof createClinic>>;
