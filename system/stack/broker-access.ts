import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { callManagement } from "./rabbitmq-management.ts";

const file = join(import.meta.dirname, "../../deploy/rabbitmq/definitions.json");

export interface BrokerAccess {
  /** Each service's own AMQP address, with a user that may do what its contract says. */
  producer: string;
  consumer: string;
}

export interface BrokerAccessOptions {
  /** One address or several, comma-separated. */
  amqpUrl: string;
  managementUrl: string;
  /** Is created, and so are two users of its own, when it isn't the default one. */
  vhost?: string;
  password: string;
  /** Leaves the exchanges, queues and bindings out. */
  withoutTopology?: boolean;
}

interface Definitions {
  users: { name: string; password_hash: string }[];
  permissions: { user: string }[];
  topic_permissions: { user: string }[];
}

/** Imports the generated definitions: the topology, and the users with their permissions. Safe to repeat. */
export async function grantBrokerAccess(options: BrokerAccessOptions): Promise<BrokerAccess> {
  const { amqpUrl, managementUrl, vhost = "/", password } = options;
  const definitions: Definitions = JSON.parse(readFileSync(file, "utf8"));
  const userName = (service: string) => vhost === "/" ? service : `${service}-${vhost}`;
  const services = ({ user }: { user: string }) => user !== "admin";
  const imported = {
    ...definitions,
    users: definitions.users.filter(({ name }) => services({ user: name })).map(
      (user) => (
        {
          ...user,
          name: userName(user.name),
          password_hash: hashPassword(password),
        }
      ),
    ),
    permissions: definitions.permissions.filter(services).map((entry) => ({
      ...entry,
      user: userName(entry.user),
    })),
    topic_permissions: definitions.topic_permissions.map((entry) => ({
      ...entry,
      user: userName(entry.user),
    })),
    // RabbitMQ 4.3 refuses a topic permission for an exchange that isn't there.
    ...(options.withoutTopology ? { exchanges: [], queues: [], bindings: [], topic_permissions: [] } : {}),
  };
  const moved = JSON.stringify(imported).replaceAll(
    '"vhost":"/"',
    `"vhost":${JSON.stringify(vhost)}`,
  );
  await callManagement(managementUrl, "POST", "/api/definitions", {
    ...JSON.parse(moved),
    vhosts: [{ name: vhost }],
  });

  const address = (service: string) =>
    amqpUrl.split(",").map((one) => {
      const url = new URL(one);
      url.username = userName(service);
      url.password = password;
      url.pathname = vhost === "/" ? "" : `/${encodeURIComponent(vhost)}`;
      return url.href;
    }).join();
  return { producer: address("producer"), consumer: address("consumer") };
}

/** Removes what was granted on a virtual host of its own. */
export async function revokeBrokerAccess(managementUrl: string, vhost: string): Promise<void> {
  for (const service of ["producer", "consumer"]) {
    await callManagement(
      managementUrl,
      "DELETE",
      `/api/users/${service}-${vhost}`,
    );
  }
  await callManagement(managementUrl, "DELETE", `/api/vhosts/${vhost}`);
}

/** https://www.rabbitmq.com/docs/passwords#computing-password-hash */
function hashPassword(password: string): string {
  const salt = randomBytes(4);
  const digest = createHash("sha256").update(salt).update(password).digest();
  return Buffer.concat([salt, digest]).toString("base64");
}
