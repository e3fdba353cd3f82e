import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { localFiles } from "./local-files.ts";
import { prettyLog } from "./pretty-log.ts";
import { startService } from "./service.ts";
import type { Session } from "./session.ts";
import { isFree } from "./stack/free-port.ts";
import type { Memory } from "./stack/memory.ts";
import { StackError } from "./stack/stack-error.ts";
import type { Servers } from "./start-servers.ts";

const scopes = ["appointments:read", "appointments:write", "appointments:overbook", "doctors:write", "ops"];

/** Starts producer and consumer as processes of their own and waits until both are ready. */
export async function startServices(session: Session & { servers: Servers }) {
  const { servers, report } = session;
  const apiKey = randomBytes(18).toString("base64url");
  const port = await choosePort("PORT", 3000, servers.memory);
  const opsPort = await choosePort("OPS_PORT", 3001, servers.memory);
  const api = `http://127.0.0.1:${port}`;
  const variables = {
    producer: producerVariables(servers, port, apiKey),
    consumer: consumerVariables(servers, opsPort, api, apiKey),
  };
  report("migrating the databases and starting producer and consumer");
  const [producer, consumer] = await Promise.all([
    start("producer", variables.producer),
    start("consumer", variables.consumer),
  ]);
  return { apiKey, api, ops: consumer.url, variables, died: Promise.race([producer.died, consumer.died]) };

  async function start(name: "producer" | "consumer", env: Record<string, string>) {
    const service = await startService({
      name,
      env,
      logFolder: join(localFiles.data, "services"),
      onLine: (line) => console.log(prettyLog(name, line)),
      signal: session.signal,
      releases: session.releases,
    });
    report(`${name}: ready at ${service.url}`);
    return service;
  }
}

function producerVariables(servers: Servers, port: number, apiKey: string) {
  const sha256 = createHash("sha256").update(apiKey).digest("hex");
  return {
    PORT: String(port),
    DATABASE_URL: servers.producerDatabase,
    AMQP_URL: servers.amqp,
    API_KEYS: JSON.stringify([{ name: "local", sha256, scopes }]),
  };
}

function consumerVariables({ mail, sms, calendar, ...servers }: Servers, opsPort: number, api: string, apiKey: string) {
  return {
    OPS_PORT: String(opsPort),
    DATABASE_URL: servers.consumerDatabase,
    AMQP_URL: servers.amqp,
    CLINIC_NAME: "The Clinic",
    SMTP_URL: mail.smtpUrl,
    MAIL_FROM: "The Clinic <appointments@clinic.example>",
    SMS_URL: sms.url,
    SMS_ACCOUNT_SID: sms.accountSid,
    SMS_AUTH_TOKEN: sms.authToken,
    SMS_FROM: "+4930999999",
    CALDAV_URL: calendar.url,
    CALDAV_USERNAME: calendar.username,
    CALDAV_PASSWORD: calendar.password,
    PRODUCER_OPS_URL: api,
    PRODUCER_OPS_KEY: apiKey,
  };
}

/** The port that a variable demands; else the one of the last start, the usual one, or any that is free. */
async function choosePort(variable: string, usual: number, memory: Memory): Promise<number> {
  const demanded = process.env[variable];
  if (!demanded) return await memory.port(variable, usual);
  if (!/^\d{1,5}$/.test(demanded)) throw new StackError(`${variable}=${demanded} is no port: give a number`);
  if (await isFree(Number(demanded))) return Number(demanded);
  throw new StackError(
    `port ${demanded} is taken: set ${variable} to a free one, or unset it to let a free one be found`,
  );
}
