import { rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { localFiles } from "./local-files.ts";
import { rememberedFile } from "./own-files.ts";
import type { Parts } from "./parts.ts";
import type { Session } from "./session.ts";
import { startMail } from "./start-mail.ts";
import { grantBrokerAccess } from "./stack/broker-access.ts";
import { createDatabases, createMember } from "./stack/databases.ts";
import { createMemory, type Memory } from "./stack/memory.ts";
import { startPostgres } from "./stack/postgres.ts";
import { startPostgresStandby } from "./stack/postgres-standby.ts";
import { type CertificateFiles, makeCertificates } from "./stack/local-certificates.ts";
import type { RabbitMq, RabbitMqOptions } from "./stack/rabbitmq.ts";
import { startRabbitMqCluster } from "./stack/rabbitmq-cluster.ts";
import { findGivenRabbitMq } from "./stack/rabbitmq-given.ts";
import { stopOrphan } from "./stack/server-process.ts";
import { StackError } from "./stack/stack-error.ts";
import { startRabbitMq } from "./stack/start-rabbitmq.ts";
import { startCaldavServer } from "./stand-ins/caldav-server.ts";
import { startSmsGateway } from "./stand-ins/sms-gateway.ts";

const never = new Promise<never>(() => {});
const pidFiles = [
  "services/producer.pid",
  "services/consumer.pid",
  "postgres-standby/postgres.pid",
  "postgres/postgres.pid",
  "rabbitmq/rabbitmq.pid",
  "rabbitmq/epmd.pid",
  ...["services-2", "services-3"].flatMap((folder) => [`${folder}/producer.pid`, `${folder}/consumer.pid`]),
  ...["rabbit-1", "rabbit-2", "rabbit-3"].map((name) => `rabbitmq-cluster/${name}/rabbitmq.pid`),
  "rabbitmq-cluster/epmd.pid",
];

/** What an earlier start left in .local/, without the processes that it left behind; with `fresh`, nothing. */
export async function recall({ fresh }: { fresh: boolean }): Promise<Memory> {
  const { data } = localFiles;
  for (const file of pidFiles) await stopOrphan(join(data, file));
  if (fresh) rmSync(data, { recursive: true, force: true });
  return createMemory(rememberedFile);
}

/** What the two services need around them, kept in .local/ from one start to the next. */
export async function startServers(session: Session & { memory: Memory; cluster: boolean; parts: Parts }) {
  const { memory } = session;
  const certificates = session.cluster
    ? makeCertificates(join(localFiles.data, "tls"), ["postgres", "rabbitmq", "mail", "producer", "consumer"])
    : undefined;
  const given = givenDatabases();
  const databases = given ?? await startDatabases({ ...session, certificates: certificates?.postgres });
  const rabbitMq = await findRabbitMq({ ...session, certificates: certificates?.rabbitmq });
  const standIns = await startStandIns({ ...session, certificates: certificates?.mail });
  return {
    memory,
    certificates,
    ...databases,
    databaseCa: given ? undefined : certificates?.postgres.ca,
    amqp: rabbitMq.amqpUrl,
    brokerAccess: await giveAccess(rabbitMq, memory),
    rabbitmqManagement: rabbitMq.managementUrl,
    ...standIns,
    given: [...(given ? ["the databases"] : []), ...(process.env.AMQP_URL ? ["RabbitMQ"] : [])],
    died: [databases.died, rabbitMq.died],
  };
}

type Secured = Parameters<typeof startServers>[0] & { certificates: CertificateFiles | undefined };

export type Servers = Awaited<ReturnType<typeof startServers>>;

function givenDatabases() {
  const { PRODUCER_DATABASE_URL: producerDatabase, CONSUMER_DATABASE_URL: consumerDatabase } = process.env;
  if (!producerDatabase && !consumerDatabase) return undefined;
  if (!producerDatabase || !consumerDatabase) {
    throw new StackError("PRODUCER_DATABASE_URL and CONSUMER_DATABASE_URL go together: set both, or none");
  }
  return { producerDatabase, consumerDatabase, auditDatabase: process.env.CONSUMER_AUDIT_DATABASE_URL, died: never };
}

async function startDatabases({ report, releases, signal, cluster, memory, certificates }: Secured) {
  report("PostgreSQL: starting the embedded server");
  const folder = join(localFiles.data, "postgres");
  const common = { password: memory.password("postgres"), durable: true, certificates, signal };
  const server = await startPostgres({ ...common, folder, port: await memory.port("postgres") });
  releases.add("PostgreSQL", server.stop);
  if (cluster) {
    const standby = await startPostgresStandby({
      ...common,
      folder: join(localFiles.data, "postgres-standby"),
      port: await memory.port("postgresStandby"),
      primary: { adminUrl: server.adminUrl, folder },
    });
    releases.add("PostgreSQL's standby", standby.stop);
    report(`PostgreSQL: a standby follows, for reading at ${new URL(standby.adminUrl).host}`);
  }
  const owners = ["producer", "consumer"].map((name) => ({ name, password: memory.password(name) }));
  const [producerDatabase, consumerDatabase] = await createDatabases(server.adminUrl, owners) as [string, string];
  const auditDatabase = await createMember(server.adminUrl, {
    name: "consumer_audit",
    password: memory.password("audit-database"),
    of: "consumer",
  });
  return { producerDatabase, consumerDatabase, auditDatabase, died: server.died };
}

async function findRabbitMq(
  { report, releases, signal, cluster, parts, memory, certificates }: Secured,
): Promise<Omit<RabbitMq, "kill">> {
  report(`RabbitMQ: starting (about ${cluster ? "twenty" : "six"} seconds)`);
  const folder = join(localFiles.data, cluster ? "rabbitmq-cluster" : "rabbitmq");
  const options = { folder, cacheFolder: localFiles.cache, memory, report, certificates, signal };
  const asGiven = cluster ? await startRabbitMqCluster(options, process.env.RABBITMQ_VIA) : await findGivenRabbitMq();
  const rabbitMq = asGiven ?? await startOwnRabbitMq(parts, options);
  releases.add("RabbitMQ", asGiven?.stop ?? (() => parts.stop("rabbitmq")));
  report(`RabbitMQ: ready (${rabbitMq.origin})`);
  return rabbitMq;
}

/** The one that may be stopped and started again, at the same address. */
async function startOwnRabbitMq(parts: Parts, options: RabbitMqOptions): Promise<RabbitMq> {
  let rabbitMq: RabbitMq | undefined;
  await parts.add("rabbitmq", async () => rabbitMq = await startRabbitMq(options, process.env.RABBITMQ_VIA));
  return { ...rabbitMq!, died: never };
}

/** A user for each service. Without management, what AMQP_URL names has to be prepared for both. */
async function giveAccess({ amqpUrl, amqpsUrl, managementUrl }: Omit<RabbitMq, "kill">, memory: Memory) {
  if (!managementUrl) return { producer: amqpUrl, consumer: amqpUrl };
  return await grantBrokerAccess({ amqpUrl: amqpsUrl ?? amqpUrl, managementUrl, password: memory.password("broker") });
}

async function startStandIns({ releases, parts, memory, certificates }: Secured) {
  const { data } = localFiles;
  const mail = await startMail(parts, memory, certificates);
  releases.add("the mail catcher", () => parts.stop("mail"));
  const sms = await startSmsGateway({
    port: await memory.port("sms"),
    file: join(data, "text-messages.jsonl"),
    accountSid: "AC00000000000000000000000000000000",
    authToken: memory.password("sms"),
  });
  releases.add("the SMS gateway", sms.stop);
  const calendar = await startCaldavServer({
    port: await memory.port("calendar"),
    folder: join(data, "calendars"),
    username: "clinic",
    password: memory.password("calendar"),
  });
  releases.add("the calendar server", calendar.stop);
  return { mail, sms, calendar };
}
