import { join } from "node:path";
import { localFiles } from "./local-files.ts";
import { mailAuthorityFile } from "./mail-certificate.ts";
import type { Parts } from "./parts.ts";
import { prettyLog } from "./pretty-log.ts";
import { startService } from "./service.ts";
import { consumerVariables, producerVariables } from "./service-variables.ts";
import type { Session } from "./session.ts";
import { createReleases } from "./stack/releases.ts";
import type { Servers } from "./start-servers.ts";
import type { ServicePorts } from "./service-ports.ts";

/** Starts producer and consumer as processes of their own and waits until both are ready. */
export async function startServices(
  session: Session & { servers: Servers; ports: ServicePorts; cluster: boolean; parts: Parts },
) {
  const { servers, report, parts, ports: { port, opsPort } } = session;
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
  const addresses: Record<string, string> = {};
  await Promise.all(
    (["producer", "consumer"] as const).map(async (name) => {
      session.releases.add(name, () => parts.stop(name));
      await parts.add(name, async (more) => {
        const authority = name === "consumer" ? mailAuthorityFile() : undefined;
        const env = { ...variables[name], ...(authority && { SMTP_CA_FILE: authority }), ...more };
        const { url, died, stop } = await startAlone(name, env);
        addresses[name] = url;
        return { died, stop };
      });
    }),
  );
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
    ops: addresses["consumer"]!,
    variables,
    died: parts.died,
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

  /** With releases of its own, so that it can end and begin again before the session does. */
  async function startAlone(name: "producer" | "consumer", env: Record<string, string>) {
    const releases = createReleases(report);
    try {
      return { ...await start(name, env, 1, releases), stop: releases.run };
    } catch (error) {
      await releases.run();
      throw error;
    }
  }

  async function start(
    name: "producer" | "consumer",
    env: Record<string, string>,
    instance: number,
    releases = session.releases,
  ) {
    const service = await startService({
      name,
      env,
      ca,
      logFolder: join(localFiles.data, instance === 1 ? "services" : `services-${instance}`),
      onLine: (line) => console.log(prettyLog(name, line)),
      signal: session.signal,
      releases,
    });
    report(`${name}: ready at ${service.url}`);
    return service;
  }
}
