import { randomUUID } from "node:crypto";
import { type BrokerAccess, grantBrokerAccess, revokeBrokerAccess } from "../../stack/broker-access.ts";
import { callManagement } from "../../stack/rabbitmq-management.ts";
import { testVariable } from "./test-environment.ts";

export interface PrivateVhost {
  /** Of the user who made it, and may do everything in it. */
  amqpUrl: string;
  /** Of the two services' users, with the generated permissions. */
  access: BrokerAccess;
  remove(): Promise<void>;
}

export interface PrivateVhostOptions {
  /** Instead of the RabbitMQ for tests. */
  broker?: { amqpUrl: string; managementUrl: string };
  withoutTopology?: boolean;
}

/** A virtual host of the test's own with the generated topology, users and permissions. */
export async function createPrivateVhost(options: PrivateVhostOptions = {}): Promise<PrivateVhost> {
  const vhost = `system-${randomUUID().slice(0, 8)}`;
  const { managementUrl, ...server } = options.broker ?? {
    amqpUrl: testVariable("TEST_AMQP_URL"),
    managementUrl: testVariable("TEST_RABBITMQ_MANAGEMENT_URL"),
  };
  const { withoutTopology = false } = options;
  const access = await grantBrokerAccess({ ...server, managementUrl, vhost, password: randomUUID(), withoutTopology });
  const amqpUrl = new URL(server.amqpUrl.split(",")[0]!);
  amqpUrl.pathname = `/${vhost}`;
  const user = decodeURIComponent(amqpUrl.username) || "guest";
  const everything = { configure: ".*", write: ".*", read: ".*" };
  await callManagement(managementUrl, "PUT", `/api/permissions/${vhost}/${user}`, everything);
  return { amqpUrl: amqpUrl.href, access, remove: () => revokeBrokerAccess(managementUrl, vhost) };
}
