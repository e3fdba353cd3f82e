import { callManagement } from "../../stack/rabbitmq-management.ts";
import { testVariable } from "./test-environment.ts";

/** What the user of that AMQP address may do in its virtual host of the RabbitMQ for tests. */
export async function setBrokerPermissions(
  amqpUrl: string,
  permissions: { configure: string; write: string; read: string },
): Promise<void> {
  await put("permissions", amqpUrl, permissions);
}

/** Which routing keys the user may publish and bind at the producer's exchange. */
export async function setTopicPermissions(amqpUrl: string, keys: { write: string; read: string }): Promise<void> {
  await put("topic-permissions", amqpUrl, { exchange: "appointments.ex", ...keys });
}

async function put(kind: string, amqpUrl: string, body: object): Promise<void> {
  const { pathname, username } = new URL(amqpUrl);
  await callManagement(
    testVariable("TEST_RABBITMQ_MANAGEMENT_URL"),
    "PUT",
    `/api/${kind}${pathname}/${username}`,
    body,
  );
}
