import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "../service.ts";
import type { Releases } from "../stack/releases.ts";
import { type Clinic, createClinic } from "../tests/support/clinic.ts";
import { type Link, startLinks } from "./link.ts";
import { signalTree } from "./process-tree.ts";
import type { Servers } from "./servers.ts";

export type ServiceName = "producer" | "consumer";
const linkNames = [
  "producerDatabase",
  "producerBroker",
  "consumerDatabase",
  "consumerBroker",
  "mail",
  "sms",
  "api",
] as const;
export type LinkName = (typeof linkNames)[number];

export interface SceneOptions {
  servers: Servers;
  random(): number;
  releases: Releases;
  /** The folder of both services where they are weakened. */
  root?: string | undefined;
  /** Whether the consumer knows the producer's archive, and fetches from there what it has missed. */
  catchesUp: boolean;
}

/** Both services under load, each reaching its servers by way of links; what a fault may lay hands on. */
export interface Scene {
  clinic: Clinic;
  servers: Servers;
  random(): number;
  releases: Releases;
  root: string | undefined;
  /** For files of the fault's own. */
  folder: string;
  links: Record<LinkName, Link>;
  /** The virtual host's name. */
  vhost: string;
  service(name: ServiceName): Service;
  kill(name: ServiceName): Promise<void>;
  /** `from` is the folder of both services, when it is not the scene's. */
  start(name: ServiceName, env?: Record<string, string>, from?: string): Promise<void>;
  /** One more producer, which never answers to the load. */
  startRelay(): Promise<Service>;
  /** Stops the process for a while, and at the end of it until the body is done. */
  freeze(pid: number, ms: number, body?: () => Promise<void>): Promise<void>;
  /** From `min` to `max` milliseconds. */
  wait(min: number, max: number): Promise<void>;
}

/** Objects at the broker that go are found and mended in seconds. */
const common = { TOPOLOGY_CHECK_MS: "2000" };

export async function createScene(options: SceneOptions): Promise<Scene> {
  const { servers, random, releases, root, catchesUp } = options;
  const databases = await servers.createDatabases(releases);
  // Slow enough that one is on its way at any moment.
  const clinic = await createClinic({ broker: servers.broker(), databases, mailDelayMs: 150 });
  releases.add("the clinic", clinic.remove);
  const folder = mkdtempSync(join(tmpdir(), "scene-"));
  releases.add("the scene's folder", () => rmSync(folder, { recursive: true }));
  const targets: Record<LinkName, string> = {
    producerDatabase: databases.producer,
    producerBroker: clinic.access.producer,
    consumerDatabase: databases.consumer,
    consumerBroker: clinic.access.consumer,
    mail: clinic.mail.smtpUrl,
    sms: clinic.sms.url,
    api: clinic.api,
  };
  const links = {} as Record<LinkName, Link>;
  for (const name of linkNames) {
    links[name] = await startLinks(targets[name]);
    releases.add(`the link ${name}`, links[name].stop);
  }
  const environments: Record<ServiceName, Record<string, string>> = {
    producer: {
      ...common,
      RELAY_CONFIRM_TIMEOUT_MS: "2000",
      DATABASE_URL: links.producerDatabase.url,
      AMQP_URL: links.producerBroker.url,
    },
    consumer: {
      ...common,
      ...(catchesUp ? {} : { PRODUCER_OPS_URL: "", PRODUCER_OPS_KEY: "" }),
      DATABASE_URL: links.consumerDatabase.url,
      AMQP_URL: links.consumerBroker.url,
      SMTP_URL: links.mail.url,
      SMS_URL: links.sms.url.replace(/\/$/, ""),
    },
  };
  const services = {} as Record<ServiceName, Service>;
  const start = async (name: ServiceName, env: Record<string, string> = {}, from = root) => {
    const options = { root: from, env: { ...environments[name], ...env } };
    services[name] = await (name === "producer" ? clinic.startProducer(options) : clinic.startConsumer(options));
  };
  await Promise.all([start("producer"), start("consumer")]);
  await clinic.createDoctor();
  return {
    clinic,
    servers,
    random,
    releases,
    root,
    folder,
    links,
    vhost: new URL(clinic.amqp).pathname.slice(1),
    service: (name) => services[name],
    kill: (name) => services[name].stop("SIGKILL"),
    start,
    startRelay: () => clinic.startProducer({ root, env: { ...environments.producer, PORT: "0" } }),
    async freeze(pid, ms, body) {
      signalTree(pid, "SIGSTOP");
      try {
        await sleep(ms);
        await body?.();
      } finally {
        signalTree(pid, "SIGCONT");
      }
    },
    wait: (min, max) => sleep(min + random() * (max - min)),
  };
}
