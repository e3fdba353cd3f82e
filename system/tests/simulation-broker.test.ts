import { Buffer } from "node:buffer";
import type { ChannelModel, ConsumeMessage, Message } from "amqplib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPublisher } from "../../producer/src/amqp/publisher.ts";
import { createPrivateVhost, type PrivateVhost } from "./support/private-vhost.ts";
import { exchange, inModel, inRabbitMQ, type Scenario } from "./support/both-brokers.ts";

let vhost: PrivateVhost;
beforeAll(async () => {
  vhost = await createPrivateVhost({ withoutTopology: true });
});
afterAll(() => vhost?.remove());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 20_000) throw new Error("did not come in 20 s");
    await wait(20);
  }
}

async function publisherOn(connection: ChannelModel) {
  const { publish } = createPublisher(await connection.createConfirmChannel(), { exchange, confirmTimeoutMs: 10_000 });
  return async (messageId: string, routingKey: string) =>
    (await publish({ messageId, routingKey, body: messageId, properties: { messageId, mandatory: true } } as never))
      .kind;
}

/** What a consumer of the queue is given, as it comes. */
async function consumerOn(connection: ChannelModel, queue: string, prefetch: number) {
  const channel = await connection.createChannel();
  channel.on("error", () => {});
  const got: ConsumeMessage[] = [];
  await channel.prefetch(prefetch);
  await channel.consume(queue, (message) => {
    if (message) got.push(message);
  });
  const seen = () => got.map(({ properties }) => properties.messageId as string);
  const ack = (index: number) => channel.ack(got[index] as Message);
  return { channel, got, seen, ack };
}

const scenarios: [string, Scenario][] = [
  ["a topic routes one word, and what no queue takes is returned before it is confirmed", async (servers) => {
    await servers.declare("route.all", "route.*");
    await servers.declare("route.some", "route.created");
    const publish = await publisherOn(await servers.connect());
    const outcomes = [
      await publish("1", "route.created"),
      await publish("2", "route.moved"),
      await publish("3", "route.moved.twice"),
      await publish("4", "other"),
    ];
    const connection = await servers.connect();
    const [all, some] = [
      await consumerOn(connection, "route.all", 10),
      await consumerOn(connection, "route.some", 10),
    ];
    await until(() => all.got.length === 2 && some.got.length === 1);
    return { outcomes, all: all.seen(), some: some.seen(), keys: all.got.map(({ fields }) => fields.routingKey) };
  }],
  ["a full queue refuses a message that its neighbour has got", async (servers) => {
    await servers.declare("full.one", "full.*", 1);
    await servers.declare("full.two", "full.*");
    const publish = await publisherOn(await servers.connect());
    let published = 0;
    // A quorum queue takes a few more than its length before it notices.
    while (await publish(String(published++), "full.x") === "confirmed") await wait(50);
    const two = await consumerOn(await servers.connect(), "full.two", 100);
    await until(() => two.got.length === published);
    return two.seen().at(-1) === String(published - 1);
  }],
  ["no more than the prefetch is handed over before an acknowledgement, in order", async (servers) => {
    await servers.declare("prefetch", "prefetch");
    const connection = await servers.connect();
    const publish = await publisherOn(connection);
    for (const id of ["1", "2", "3", "4"]) await publish(id, "prefetch");
    const { got, seen, ack } = await consumerOn(await servers.connect(), "prefetch", 2);
    await until(() => got.length === 2);
    await wait(200);
    const before = seen();
    ack(1);
    await until(() => got.length === 3);
    return { before, after: seen(), redelivered: got.map(({ fields }) => fields.redelivered) };
  }],
  [
    "what was not acknowledged comes again when its channel is closed or lost, and says how often it came",
    async (servers) => {
      await servers.declare("again", "again");
      const publish = await publisherOn(await servers.connect());
      for (const id of ["1", "2", "3"]) await publish(id, "again");
      const first = await consumerOn(await servers.connect(), "again", 10);
      await until(() => first.got.length === 3);
      first.ack(0);
      await first.channel.close();
      const connection = await servers.connect();
      const second = await consumerOn(connection, "again", 10);
      await until(() => second.got.length === 2);
      servers.cut(connection);
      const third = await consumerOn(await servers.connect(), "again", 10);
      await until(() => third.got.length === 2);
      const told = ({ properties, fields }: ConsumeMessage) =>
        [properties.messageId, fields.redelivered, properties.headers?.["x-delivery-count"]].join();
      return [second.got.map(told).sort(), third.got.map(told).sort()];
    },
  ],
  ["a retry queue gives its message back after its time, once", async (servers) => {
    await servers.declare("work", "work");
    await servers.declareRetry("work.retry", "work", 300);
    const connection = await servers.connect();
    const channel = await connection.createConfirmChannel();
    const { got, seen, ack } = await consumerOn(await servers.connect(), "work", 10);
    const properties = { messageId: "1", headers: { "x-attempts": 1 } };
    await new Promise<void>((resolve, reject) =>
      channel.publish("apt.retry.ex", "work.retry", Buffer.from("1"), properties, (error) => {
        if (error) reject(error);
        else resolve();
      })
    );
    const early = seen();
    await until(() => got.length === 1);
    ack(0);
    await wait(1_000);
    return { early, seen: seen(), attempts: got[0]!.properties.headers?.["x-attempts"] };
  }],
  ["whoever waits for an answer on a lost connection is told so", async (servers) => {
    await servers.declare("lost", "lost");
    const connection = await servers.connect();
    const publish = await publisherOn(connection);
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    servers.cut(connection);
    const [outcome, asked] = await Promise.all([
      publish("1", "lost"),
      channel.prefetch(1).then(() => "answered", () => "refused"),
    ]);
    const later = await publish("2", "lost");
    const opened = await connection.createChannel().then(() => "opened", () => "refused");
    return { outcome, asked, later, opened };
  }],
];

describe("RabbitMQ and the model of it show the same", () => {
  test.each(scenarios)("%s", async (_, scenario) => {
    const modelled = await inModel(scenario);
    expect(modelled).toEqual(await inRabbitMQ(vhost.amqpUrl, scenario));
  });
});
