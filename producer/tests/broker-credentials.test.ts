import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectBroker } from "../src/amqp/connection.ts";
import { createLog } from "../src/telemetry/log.ts";
import { createPrivateVhost, type PrivateVhost } from "./private-vhost.ts";

let vhost: PrivateVhost;
beforeAll(async () => void (vhost = await createPrivateVhost()));
afterAll(() => vhost.drop());

async function manage(method: string, path: string, body?: unknown): Promise<void> {
  const management = new URL(process.env["TEST_RABBITMQ_MANAGEMENT_URL"] as string);
  const credentials = `${decodeURIComponent(management.username)}:${decodeURIComponent(management.password)}`;
  const response = await fetch(new URL(path, management.origin), {
    method,
    headers: { Authorization: `Basic ${btoa(credentials)}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok, `${method} ${path} answered ${response.status}`).toBe(true);
}

test("a password outside ASCII opens the connection", async () => {
  const url = new URL(vhost.url);
  const name = url.pathname.slice(1);
  const user = encodeURIComponent(`grün-${name}`);
  const password = "Größe / пароль @ 密码";
  await manage("PUT", `/api/users/${user}`, { password, tags: "" });
  await manage("PUT", `/api/permissions/${name}/${user}`, { configure: ".*", write: ".*", read: ".*" });
  url.username = user;
  url.password = encodeURIComponent(password);
  const log = createLog("silent");
  const broker = connectBroker({ urls: [url.href], confirmTimeoutMs: 5_000, log, onReady: () => {} });
  await expect.poll(() => broker.publisher() !== undefined, { timeout: 60_000 }).toBe(true);
  await broker.close();
  await manage("DELETE", `/api/users/${user}`);
});
