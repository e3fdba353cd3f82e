import { join } from "node:path";
import { localFiles } from "./local-files.ts";
import { prettyLog } from "./pretty-log.ts";
import { startService } from "./service.ts";
import { consumerVariables, producerVariables } from "./service-variables.ts";
import type { Session } from "./session.ts";
import type { Servers } from "./start-servers.ts";
import type { ServicePorts } from "./service-ports.ts";

/** Starts producer and consumer as processes of their own and waits until both are ready. */
export async function startServices(session: Session & { servers: Servers; ports: ServicePorts; cluster: boolean }) {
  const { servers, report, ports: { port, opsPort } } = session;
  const api = `http://127.0.0.1:${port}`;
  const { brokerAccess, mail, sms, calendar, memory } = servers;
  // Kept like the data: a script or a browser that has the key goes on working after the next start.
  const apiKey = memory.password("apiKey");
  const audit = {
    folder: join(localFiles.data, "audit-checkpoints"),
    secret: memory.password("audit"),
    database: servers.auditDatabase,
  };
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
