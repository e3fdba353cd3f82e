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
  const { brokerAccess, mail, sms, calendar, memory, certificates } = servers;
  const ca = certificates?.producer.ca;
  const api = certificates ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  // Kept like the data: a script or a browser that has the key goes on working after the next start.
  const apiKey = memory.password("apiKey");
  const audit = {
    folder: join(localFiles.data, "audit-checkpoints"),
    secret: memory.password("audit"),
    database: servers.auditDatabase && reach(servers.auditDatabase),
  };
  const variables = {
    producer: {
      ...producerVariables({ port, database: reach(servers.producerDatabase), amqp: brokerAccess.producer, apiKey }),
      ...inTls("producer"),
    },
    consumer: {
      ...consumerVariables({
        opsPort,
        database: reach(servers.consumerDatabase),
        amqp: brokerAccess.consumer,
        mail,
        sms,
        calendar,
        audit,
        producer: { url: api, apiKey },
      }),
      ...inTls("consumer"),
      ...(ca !== undefined && { SMTP_CA_FILE: ca, PRODUCER_OPS_CA_FILE: ca }),
    },
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
    ca,
    ops: consumer.url,
    variables,
    died: [producer.died, consumer.died],
  };

  function reach(database: string): string {
    if (servers.databaseCa === undefined) return database;
    const url = new URL(database);
    url.hostname = "localhost";
    url.searchParams.set("sslmode", "verify-full");
    return url.href;
  }

  function inTls(name: "producer" | "consumer"): Record<string, string> {
    if (!certificates) return {};
    const { ca, cert, key } = certificates[name];
    return {
      TLS_CERT_FILE: cert,
      TLS_KEY_FILE: key,
      AMQP_CA_FILE: ca,
      ...(servers.databaseCa !== undefined && { DATABASE_CA_FILE: ca }),
    };
  }

  async function start(name: "producer" | "consumer", env: Record<string, string>, instance = 1) {
    const service = await startService({
      name,
      env,
      ca,
      logFolder: join(localFiles.data, instance === 1 ? "services" : `services-${instance}`),
      onLine: (line) => console.log(prettyLog(name, line)),
      signal: session.signal,
      releases: session.releases,
    });
    report(`${name}: ready at ${service.url}`);
    return service;
  }
}
