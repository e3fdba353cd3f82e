import { testServer, uniqueName } from "./test-servers.ts";

export interface TestVhost {
  amqpUrl: string;
  name: string;
  /** Calls the management API; `path` may hold `{vhost}`. */
  management(method: string, path: string, body?: unknown): Promise<Response>;
  drop(): Promise<void>;
}

/** A RabbitMQ virtual host of this test file's own. */
export async function createTestVhost(): Promise<TestVhost> {
  const name = uniqueName("consumer_test");
  const address = new URL(testServer("TEST_AMQP_URL"));
  const user = decodeURIComponent(address.username) || "guest";
  address.pathname = `/${name}`;

  async function management(method: string, path: string, body?: unknown): Promise<Response> {
    const url = new URL(testServer("TEST_RABBITMQ_MANAGEMENT_URL"));
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    const response = await fetch(new URL(path.replace("{vhost}", name), url.origin), {
      method,
      headers: { authorization: `Basic ${btoa(credentials)}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }

  await management("PUT", "/api/vhosts/{vhost}");
  await management("PUT", `/api/permissions/{vhost}/${user}`, { configure: ".*", write: ".*", read: ".*" });
  return {
    amqpUrl: address.href,
    name,
    management,
    async drop() {
      await management("DELETE", "/api/vhosts/{vhost}");
    },
  };
}
