import { randomBytes } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { localFiles } from "./local-files.ts";
import { prettyLog } from "./pretty-log.ts";
import { startService } from "./service.ts";
import { consumerVariables, producerVariables } from "./service-variables.ts";
import type { Session } from "./session.ts";
import { isFree } from "./stack/free-port.ts";
import type { Memory } from "./stack/memory.ts";
import { StackError } from "./stack/stack-error.ts";
import type { Servers } from "./start-servers.ts";

/** Starts producer and consumer as processes of their own and waits until both are ready. */
export async function startServices(session: Session & { servers: Servers; ports: ServicePorts; cluster: boolean }) {
  const { servers, report, ports: { port, opsPort } } = session;
  const apiKey = randomBytes(18).toString("base64url");
  const api = `http://127.0.0.1:${port}`;
  const { brokerAccess, mail, sms, calendar, memory } = servers;
  const audit = { folder: join(localFiles.data, "audit-checkpoints"), key: memory.password("audit") };
  const variables = {
    producer: producerVariables({ port, database: servers.producerDatabase, amqp: brokerAccess.producer, apiKey }),
    consumer: consumerVariables({
      opsPort,
      database: servers.consumerDatabase,
      amqp: brokerAccess.consumer,
      mail,
      sms,
      calendar,
      audit,
      producer: { url: api, apiKey },
    }),
  };
  report("migrating the databases and starting producer and consumer");
  const [producer, consumer] = await Promise.all([
    start("producer", variables.producer),
    start("consumer", variables.consumer),
  ]);
  if (session.cluster) {
    await Promise.all([
      start("producer", { ...variables.producer, PORT: "0" }, 2),
      start("consumer", { ...variables.consumer, OPS_PORT: "0" }, 2),
      start("consumer", { ...variables.consumer, OPS_PORT: "0" }, 3),
    ]);
  }
  return {
    apiKey,
    api,
    ops: consumer.url,
    variables,
    died: [producer.died, consumer.died],
  };

  async function start(name: "producer" | "consumer", env: Record<string, string>, instance = 1) {
    const service = await startService({
      name,
      env,
      logFolder: join(localFiles.data, instance === 1 ? "services" : `services-${instance}`),
      onLine: (line) => console.log(prettyLog(name, line)),
      signal: session.signal,
      releases: session.releases,
    });
    report(`${name}: ready at ${service.url}`);
    return service;
  }
}

export interface ServicePorts {
  port: number;
  opsPort: number;
}

/** Before anything is started, so that a taken port is told at once. */
export async function chooseServicePorts(memory: Memory): Promise<ServicePorts> {
  return {
    port: await choosePort("PORT", 3000, memory),
    opsPort: await choosePort("OPS_PORT", 3001, memory),
  };
}

/** The port that a variable demands; else the one of the last start, the usual one, or any that is free. */
async function choosePort(variable: string, usual: number, memory: Memory): Promise<number> {
  const demanded = process.env[variable];
  if (!demanded) return await memory.port(variable, usual);
  if (!/^\d{1,5}$/.test(demanded)) {
    throw new StackError(`${variable}=${demanded} is no port: give a number`);
  }
  if (await isFree(Number(demanded))) return Number(demanded);
  throw new StackError(
    `port ${demanded} is taken: set ${variable} to a free one, or unset it to let a free one be found`,
  );
}
