import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { type RabbitMq, type RabbitMqOptions, rabbitMqUser } from "./rabbitmq.ts";
import type { CertificateFiles } from "./local-certificates.ts";
import { waitUntilRabbitMqAnswers } from "./rabbitmq-ready.ts";
import { type ServerProcess, startServerProcess, stopOrphan } from "./server-process.ts";
import { spaceFreePath } from "./space-free-path.ts";

export interface RabbitMqInstallation {
  origin: string;
  /** The script rabbitmq-server itself, not a distribution's wrapper around it. */
  server: string;
  epmd: string;
  /** Folders for PATH and LD_LIBRARY_PATH, where the system's own do not do. */
  binaries?: readonly string[];
  libraries?: readonly string[];
}

/** Starts a private node: own ports, own epmd, own cookie, all files in one folder; needs no root. */
export async function startRabbitMqNode(
  installed: RabbitMqInstallation,
  options: RabbitMqOptions,
): Promise<RabbitMq> {
  const { memory, member, certificates } = options;
  const portOf = (kind: string) => memory.port(member ? `${member.name}.${kind}` : kind);
  mkdirSync(options.folder, { recursive: true });
  await stopOrphan(join(options.folder, "rabbitmq.pid"));
  await stopOrphan(join(options.folder, "epmd.pid"));
  const ports = {
    amqp: await portOf("amqp"),
    ...(certificates && { amqps: await portOf("amqps") }),
    management: await portOf("rabbitmqManagement"),
    prometheus: await portOf("rabbitmqPrometheus"),
    distribution: await portOf("rabbitmqDistribution"),
    epmd: member?.epmdPort ?? await memory.port("epmd"),
  };
  const password = memory.password("rabbitmq");
  const amqpUrl = `amqp://${rabbitMqUser}:${password}@127.0.0.1:${ports.amqp}`;
  const amqpsUrl = ports.amqps && `amqps://${rabbitMqUser}:${password}@localhost:${ports.amqps}`;
  const managementUrl = `http://${rabbitMqUser}:${password}@127.0.0.1:${ports.management}`;

  const folder = spaceFreePath(options.folder);
  writeFileSync(
    join(options.folder, "rabbitmq.conf"),
    configuration(ports, password) + tlsListener(ports.amqps, certificates) + (options.configuration ?? ""),
  );
  writeFileSync(join(options.folder, "enabled_plugins"), "[rabbitmq_management,rabbitmq_prometheus].\n");
  const env = { ...environment(folder, ports, installed), RABBITMQ_NODENAME: nodeName(member?.name) };
  if (member) writeCookie(options.folder, member.cookie);

  const epmd = member ? undefined : await startEpmd(installed, options.folder, ports.epmd);
  let node: ServerProcess | undefined;
  try {
    node = await startServerProcess({
      name: "rabbitmq",
      folder: options.folder,
      cwd: folder,
      command: [spaceFreePath(installed.server)],
      env,
    });
    await Promise.race([
      node.died,
      ...(epmd ? [epmd.died] : []),
      waitUntilRabbitMqAnswers(amqpUrl, managementUrl, join(options.folder, "log"), options.signal),
    ]);
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
  return {
    origin: installed.origin,
    amqpUrl,
    amqpsUrl: amqpsUrl || undefined,
    managementUrl,
    died: node.died,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };

  async function end(signal: NodeJS.Signals) {
    await node?.stop(signal);
    await epmd?.stop("SIGTERM");
  }
}

export function nodeName(name = "appointments"): string {
  return `${name}@localhost`;
}

/** The daemon by which Erlang nodes find one another. */
export function startEpmd(installed: RabbitMqInstallation, folder: string, port: number): Promise<ServerProcess> {
  const libraries = installed.libraries?.join(delimiter);
  return startServerProcess({
    name: "epmd",
    folder,
    command: [installed.epmd, "-port", String(port), "-address", "127.0.0.1"],
    ...(libraries && { env: { LD_LIBRARY_PATH: libraries } }),
  });
}

/** Erlang insists on a file that nobody else can read. */
function writeCookie(folder: string, cookie: string) {
  const file = join(folder, ".erlang.cookie");
  rmSync(file, { force: true });
  writeFileSync(file, cookie, { mode: 0o400 });
}

type Ports = Record<"amqp" | "management" | "prometheus" | "distribution" | "epmd", number>;

function tlsListener(port: number | undefined, certificates: CertificateFiles | undefined): string {
  if (!certificates) return "";
  const { ca, cert, key } = certificates;
  return `listeners.ssl.1 = 127.0.0.1:${port}
ssl_options.cacertfile = ${spaceFreePath(ca)}
ssl_options.certfile = ${spaceFreePath(cert)}
ssl_options.keyfile = ${spaceFreePath(key)}
ssl_options.verify = verify_none
`;
}

function configuration(ports: Ports, password: string): string {
  return `listeners.tcp.1 = 127.0.0.1:${ports.amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports.management}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = ${ports.prometheus}
default_user = ${rabbitMqUser}
default_pass = ${password}
disk_free_limit.absolute = 50MB
log.file = rabbitmq-node.log
`;
}

function environment(folder: string, ports: Ports, installed: RabbitMqInstallation) {
  const { binaries = [], libraries = [] } = installed;
  return {
    HOME: folder,
    PATH: [...binaries.map(spaceFreePath), process.env.PATH].join(delimiter),
    ...(libraries.length > 0 &&
      { LD_LIBRARY_PATH: libraries.map(spaceFreePath).join(delimiter) }),
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-noinput -kernel inet_dist_use_interface {127,0,0,1}",
    // Lets the script become the node, so that our signals reach the node itself.
    RABBITMQ_ALLOW_INPUT: "true",
  };
}
