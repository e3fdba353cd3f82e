import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { keepConnected } from "../../src/broker/connection.ts";
import { createQueueDepths } from "../../src/broker/queue-depths.ts";
import { declareTopology, topologyWith } from "../../src/broker/topology.ts";
import { sourceExchange } from "../../src/generated/topology.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  hastyTopology,
  testJob,
} from "../support/delivery-harness.ts";
import { eventually } from "../support/eventually.ts";

const queue = "apt.created.queue";
let harness: DeliveryHarness;
let stop = () => Promise.resolve();

beforeAll(async () => {
  harness = await createDeliveryHarness();
});
afterEach(() => stop());
afterAll(() => harness.close());

/** Runs the job analytics and answers the list of the event ids that it handled. */
function consumeAnalytics(): string[] {
  const handled: string[] = [];
  stop = harness.consume([testJob("analytics", (event) => {
    handled.push(event.eventId);
    return Promise.resolve(applied);
  })]);
  return handled;
}

/** Publishes until one comes through: what is published while there is no queue, no queue gets. */
async function publishUntilHandled(handled: string[]): Promise<void> {
  const before = handled.length;
  await eventually(async () => {
    await harness.publish(createdEvent());
    expect(handled.length).toBeGreaterThan(before);
  });
}

test("a queue with another argument is named with the argument and both values", async () => {
  const log = createLogger("silent");
  const connection = keepConnected({
    urls: [harness.vhost.amqpUrl],
    name: "test: another limit",
    log,
    onOpen: (model) =>
      declareTopology(model, [{ ...harness.topology.analytics, arguments: topologyWith(7).analytics.arguments }]),
  });
  await expect(connection.done).rejects.toThrow(
    `The queue ${queue} has x-max-length = 10000, wanted 7; ` +
      `\`consumer queues recreate ${queue}\` moves its messages to a new one`,
  );
});

test("a consumer whose queue was deleted puts the queue back and goes on", async () => {
  const handled = consumeAnalytics();
  await publishUntilHandled(handled);
  await harness.vhost.management("DELETE", `/api/queues/{vhost}/${queue}`);
  await publishUntilHandled(handled);
});

test("a consumer whose channel the server closes opens another one", async () => {
  const handled = consumeAnalytics();
  await publishUntilHandled(handled);
  const never = new AbortController().signal;
  const model = await harness.connection.current(never);
  const createChannel = model.createChannel.bind(model);
  await stop();
  let channels = 0;
  const errors: Error[] = [];
  vi.spyOn(model, "createChannel").mockImplementation(async (options) => {
    const channel = await createChannel(options);
    // Acknowledging twice is a protocol error: the server closes the channel.
    channel.on("error", (error) => errors.push(error));
    if (channels++ === 0) channel.on("delivery", () => channel.ack({ fields: { deliveryTag: 999 } } as never));
    return channel;
  });
  const again = consumeAnalytics();
  await eventually(async () => {
    await harness.publish(createdEvent());
    expect(errors).toHaveLength(1);
  });
  await publishUntilHandled(again);
  model.createChannel = createChannel;
});

test("lost connections come back, and what was in flight is handled", async () => {
  const handled = consumeAnalytics();
  await publishUntilHandled(handled);
  const event = createdEvent();
  await eventually(async () => {
    const reply = await harness.vhost.management("GET", "/api/vhosts/{vhost}/connections");
    const connections = await reply.json() as { name: string }[];
    expect(connections.length).toBeGreaterThan(1);
    await Promise.all(
      connections.map(({ name }) => harness.vhost.management("DELETE", `/api/connections/${encodeURIComponent(name)}`)),
    );
  });
  await eventually(() => harness.publish(event));
  await eventually(() => expect(handled).toContain(event.eventId));
});

test("a message whose retry queue is full is held until there is room", async () => {
  const topology = hastyTopology([1_500, 40, 60, 80]);
  const [first, ...others] = topology.analytics.retry.delays;
  const small = { ...first!, arguments: { ...first!.arguments, "x-max-length": 1 } };
  const retry = { ...topology.analytics.retry, delays: [small, ...others] };
  const full = await createDeliveryHarness({ ...topology, analytics: { ...topology.analytics, retry } });
  const fill = () => full.publish(createdEvent(), {}, retry.exchange, small.routingKey);
  await expect(async () => {
    for (;;) await fill();
  }).rejects.toThrow("message nacked");

  const event = createdEvent();
  const handled: string[] = [];
  const publish = vi.spyOn(full.publisher, "publish");
  full.consume([testJob("analytics", ({ eventId }) => {
    if (eventId !== event.eventId) return Promise.resolve(applied);
    handled.push(eventId);
    return handled.length === 1 ? Promise.reject(new Error("once")) : Promise.resolve(applied);
  })]);
  await full.publish(event);
  await eventually(() => expect(handled).toHaveLength(2));
  const retries = publish.mock.settledResults.filter((_, call) =>
    publish.mock.calls[call]![0].exchange !== sourceExchange.name
  );
  expect(retries.map((result) => result.type).toSorted().at(-1)).toBe("rejected");
  expect(await full.take("apt.created.dlq")).toBeUndefined();
  await full.close();
});

test("a message that no queue would get is not taken for published", async () => {
  const nowhere = harness.publish(createdEvent(), {}, sourceExchange.name, "nobody.listens");
  await expect(nowhere).rejects.toThrow(`${sourceExchange.name} with nobody.listens failed: no queue is bound`);
});

test("a user who may not declare the producer's exchange finds it there", async () => {
  const user = harness.vhost.name;
  await harness.vhost.management("PUT", `/api/users/${user}`, { password: "secret", tags: "" });
  await harness.vhost.management("PUT", `/api/permissions/{vhost}/${user}`, {
    configure: "^(apt\\..*|DLX)$",
    write: "^(apt\\..*|DLX)$",
    read: "^(apt\\..*|DLX|appointments\\.ex)$",
  });
  const address = new URL(harness.vhost.amqpUrl);
  Object.assign(address, { username: user, password: "secret" });
  const connection = keepConnected({
    urls: [address.href],
    name: "test: least privilege",
    log: createLogger("silent"),
    onOpen: (model) => declareTopology(model, Object.values(harness.topology)),
  });
  await Promise.race([connection.current(AbortSignal.timeout(5_000)), connection.done]);
  expect(connection.isOpen()).toBe(true);
  await connection.close();
  await harness.vhost.management("DELETE", `/api/users/${user}`);
});

test("the depth of every queue is told, and a missing queue hides no other", async () => {
  await stop();
  const channel = await (await harness.connection.current(new AbortController().signal)).createChannel();
  await channel.purgeQueue(queue);
  await channel.close();
  await harness.publish(createdEvent());
  await harness.vhost.management("DELETE", "/api/queues/{vhost}/apt.audit.retry.10s");
  const depths = await createQueueDepths(harness.connection, harness.topology)(AbortSignal.timeout(5_000));
  expect(depths).toHaveLength(5 * 6 - 1);
  expect(depths).toContainEqual({ job: "analytics", queue, kind: "source", messages: 1 });
  expect(depths).toContainEqual({ job: "audit", queue: "apt.audit.dlq", kind: "dead-letter", messages: 0 });
});
