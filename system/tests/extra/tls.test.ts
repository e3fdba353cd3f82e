import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { localFiles } from "../../local-files.ts";
import type { Runtime } from "../../service.ts";
import { createDatabases } from "../../stack/databases.ts";
import { freePort } from "../../stack/free-port.ts";
import { createMemory } from "../../stack/memory.ts";
import { startPostgres } from "../../stack/postgres.ts";
import { startRabbitMq } from "../../stack/start-rabbitmq.ts";
import { createReleases } from "../../stack/releases.ts";
import { type Authority, type CertificateFiles, createAuthority } from "../support/certificates.ts";
import { book } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";

const folder = mkdtempSync(join(tmpdir(), "tls-"));
const releases = createReleases(console.error);
const memory = createMemory(join(folder, "memory.json"));
let authority: Authority;
let client: CertificateFiles;
let broker: { amqpUrl: string; managementUrl: string; amqpsPort: number };
/** As the services see them, and as the administrator does. */
let databases: Awaited<ReturnType<typeof startTlsDatabases>>;

beforeAll(async () => {
  authority = createAuthority(folder, "clinic");
  client = authority.issue("client");
  const server = authority.issue("server");
  broker = await startTlsBroker(server);
  databases = await startTlsDatabases(server);
}, 120_000);
afterAll(async () => {
  await releases.run();
  rmSync(folder, { recursive: true, force: true });
});

/** A RabbitMQ that takes nobody without a certificate of the clinic's authority. */
async function startTlsBroker({ ca, cert, key }: CertificateFiles) {
  const amqpsPort = await freePort();
  const rabbitMq = await startRabbitMq({
    folder: join(folder, "rabbitmq"),
    cacheFolder: localFiles.cache,
    memory,
    report: () => {},
    configuration: `listeners.ssl.1 = 127.0.0.1:${amqpsPort}
ssl_options.cacertfile = ${ca}
ssl_options.certfile = ${cert}
ssl_options.keyfile = ${key}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
`,
  });
  releases.add("RabbitMQ", rabbitMq.kill);
  return { amqpUrl: rabbitMq.amqpUrl, managementUrl: rabbitMq.managementUrl!, amqpsPort };
}

/** A PostgreSQL that takes the services only over TLS and with such a certificate. */
async function startTlsDatabases({ ca, cert, key }: CertificateFiles) {
  const access = join(folder, "pg_hba.conf");
  writeFileSync(
    access,
    `host all postgres 127.0.0.1/32 scram-sha-256
hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
`,
  );
  const postgres = await startPostgres({
    folder: join(folder, "postgres"),
    port: await freePort(),
    password: "secret",
    durable: false,
    settings: { ssl: "on", ssl_ca_file: ca, ssl_cert_file: cert, ssl_key_file: key, hba_file: access },
  });
  releases.add("PostgreSQL", postgres.stop);
  const owners = ["producer", "consumer"].map((name) => ({ name, password: "secret" }));
  const [producer, consumer] = await createDatabases(postgres.adminUrl, owners) as [string, string];
  const administered = (name: string) => Object.assign(new URL(postgres.adminUrl), { pathname: `/${name}` }).href;
  return { producer, consumer, admin: { producer: administered("producer"), consumer: administered("consumer") } };
}

let clinic: Clinic | undefined;
afterEach(async () => {
  await clinic?.remove();
  clinic = undefined;
});

function secured(service: "producer" | "consumer"): Record<string, string> {
  const amqp = new URL(clinic!.access[service]);
  amqp.protocol = "amqps:";
  amqp.hostname = "localhost";
  amqp.port = String(broker.amqpsPort);
  const database = new URL(databases[service]);
  database.hostname = "localhost";
  database.searchParams.set("sslmode", "verify-full");
  return {
    AMQP_URL: amqp.href,
    AMQP_CA_FILE: client.ca,
    AMQP_CERT_FILE: client.cert,
    AMQP_KEY_FILE: client.key,
    DATABASE_URL: database.href,
    DATABASE_CA_FILE: client.ca,
    DATABASE_CERT_FILE: client.cert,
    DATABASE_KEY_FILE: client.key,
  };
}

test.for<Runtime>(["node", "deno"])("a booking has its five effects over TLS only, on %s", async (runtime) => {
  clinic = await createClinic({ broker, databases: databases.admin });
  await Promise.all([
    clinic.startProducer({ runtime, env: secured("producer") }),
    clinic.startConsumer({ runtime, env: secured("consumer") }),
  ]);
  await clinic.createDoctor();

  const booked = await book(clinic, runtime === "node" ? 0 : 1);

  await expect.poll(() => countEffects(clinic!, booked)).toEqual(eachOnce);
});

const refusals: [what: string, variables: (stranger: CertificateFiles) => Record<string, string>, says: RegExp][] = [
  [
    "a broker whose certificate its CA did not sign",
    ({ ca }) => ({ AMQP_CA_FILE: ca }),
    /self.signed certificate|unable to|signature/,
  ],
  [
    "to show the broker a certificate of another CA",
    ({ cert, key }) => ({ AMQP_CERT_FILE: cert, AMQP_KEY_FILE: key }),
    /alert|closed|ECONNRESET/,
  ],
  [
    "a database whose certificate its CA did not sign",
    ({ ca }) => ({ DATABASE_CA_FILE: ca }),
    /self.signed certificate|unable to|signature/,
  ],
  [
    "to show the database a certificate of another CA",
    ({ cert, key }) => ({ DATABASE_CERT_FILE: cert, DATABASE_KEY_FILE: key }),
    /alert|closed|ECONNRESET|certificate/,
  ],
];

test.each(refusals)("the consumer does not get to work with %s", async (_what, variables, says) => {
  clinic = await createClinic({ broker, databases: databases.admin });
  const stranger = createAuthority(join(folder, "stranger"), "stranger").issue("stranger");
  clinic.startConsumer({ env: { ...secured("consumer"), ...variables(stranger) } }).catch(() => {});
  await expect.poll(() => clinic!.log.join("\n"), { timeout: 20_000 }).toMatch(says);
});

test("a path that can't be read stops the start and names the variable", async () => {
  clinic = await createClinic({ broker, databases: databases.admin });
  for (
    const [start, variable] of [["startProducer", "AMQP_CA_FILE"], ["startConsumer", "DATABASE_KEY_FILE"]] as const
  ) {
    await expect(clinic[start]({ env: { [variable]: "/nowhere.pem" } })).rejects.toThrow(/exit 1/);
    expect(clinic.log.join("\n")).toContain(variable);
    expect(clinic.log.join("\n")).toContain("ENOENT");
  }
});
