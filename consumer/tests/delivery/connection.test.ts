import { Buffer } from "node:buffer";
import process from "node:process";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { keepConnected } from "../../src/broker/connection.ts";
import { publishAtLast } from "../../src/broker/publish-at-last.ts";
import { createPublisher } from "../../src/broker/publisher.ts";
import { onChannel } from "../../src/broker/topology.ts";
import { sourceExchange } from "../../src/generated/topology.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "../support/delivery-harness.ts";
import { eventually } from "../support/eventually.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

const queue = "apt.created.queue";
let harness: DeliveryHarness;

beforeAll(async () => {
  harness = await createDeliveryHarness();
});
afterAll(() => harness.close());

/** The broker's address through a proxy. */
async function proxied() {
  const address = new URL(harness.vhost.amqpUrl);
  const proxy = await startTcpProxy({ host: address.hostname, port: Number(address.port || 5672) });
  address.port = String(proxy.port);
  return { proxy, url: address.href };
}

test("a connection whose socket breaks is open to nobody until it is there again", async () => {
  const { proxy, url } = await proxied();
  const connection = keepConnected({ urls: [url], name: "test: broken", log: createLogger("silent") });
  const lost = await connection.current(AbortSignal.timeout(5_000));
  expect(connection.isOpen()).toBe(true);
  proxy.cut();
  await expect.poll(() => connection.isOpen(), { interval: 5 }).toBe(false);
  const next = await connection.current(AbortSignal.timeout(10_000));
  expect(next).not.toBe(lost);
  await onChannel(next, (channel) => channel.checkQueue(queue));
  await connection.close();
  await proxy.close();
});

test("a password outside ASCII opens the connection", async () => {
  const user = `grün-${harness.vhost.name}`;
  const password = "Größe / пароль @ 密码";
  await harness.vhost.management("PUT", `/api/users/${encodeURIComponent(user)}`, { password, tags: "" });
  onTestFinished(() => void harness.vhost.management("DELETE", `/api/users/${encodeURIComponent(user)}`));
  const rights = { configure: "", write: "", read: "" };
  await harness.vhost.management("PUT", `/api/permissions/{vhost}/${encodeURIComponent(user)}`, rights);
  const url = new URL(harness.vhost.amqpUrl);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  const connection = keepConnected({ urls: [url.href], name: "test: umlauts", log: createLogger("silent") });
  await connection.current(AbortSignal.timeout(20_000));
  await connection.close();
});

test("a connection that breaks while it is being set up is tried again, and takes nothing down", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const { proxy, url } = await proxied();
  let attempts = 0;
  const connection = keepConnected({
    urls: [url],
    name: "test: broken at once",
    log: createLogger("silent"),
    async onOpen(model) {
      if (attempts++ === 0) proxy.cut();
      await onChannel(model, (channel) => channel.checkQueue(queue));
    },
  });
  await connection.current(AbortSignal.timeout(10_000));
  expect(attempts).toBe(2);
  expect(unhandled).toEqual([]);
  await connection.close();
  await proxy.close();
});

test("a broker that falls silent is given up after the confirm timeout, and the message published again", async () => {
  const { proxy, url } = await proxied();
  const connection = keepConnected({ urls: [url], name: "test: silence", log: createLogger("silent") });
  const publisher = createPublisher(connection, 400);
  const publication = {
    exchange: sourceExchange.name,
    routingKey: "appointment.created",
    content: Buffer.from(JSON.stringify(createdEvent())),
    properties: {},
  };
  await eventually(() => publisher.publish(publication));

  proxy.freeze();
  await expect(publisher.publish(publication)).rejects.toThrow("no confirm within 400 ms");
  const refusals: unknown[] = [];
  const never = new AbortController().signal;
  const atLast = publishAtLast(publisher, publication, never, (error) => refusals.push(error));
  await eventually(() => expect(refusals.length).toBeGreaterThan(0));
  proxy.thaw();
  await atLast;

  proxy.freeze();
  const started = performance.now();
  await connection.close();
  expect(performance.now() - started).toBeLessThan(5_000);
  await proxy.close();
});
