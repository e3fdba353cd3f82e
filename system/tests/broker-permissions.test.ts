import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { env } from "node:process";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type BrokerAccess, grantBrokerAccess, revokeBrokerAccess } from "../stack/broker-access.ts";

const amqpUrl = env.TEST_AMQP_URL!;
const managementUrl = env.TEST_RABBITMQ_MANAGEMENT_URL!;
const vhost = `permissions-${randomBytes(4).toString("hex")}`;
let access: BrokerAccess;

beforeAll(async () => {
  access = await grantBrokerAccess({
    amqpUrl,
    managementUrl,
    vhost,
    password: "secret",
  });
});
afterAll(() => revokeBrokerAccess(managementUrl, vhost));

let connections: ChannelModel[] = [];
beforeEach(() => void (connections = []));
afterEach(() =>
  Promise.all(
    connections.map((connection) => connection.close().catch(() => {})),
  )
);

async function channelOf(service: keyof BrokerAccess): Promise<ConfirmChannel> {
  const connection = await connect(access[service]);
  connections.push(connection);
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  return channel;
}

type Attempt = (channel: ConfirmChannel) => Promise<unknown>;

function publish(exchange: string, routingKey: string): Attempt {
  return async (channel) => {
    channel.publish(exchange, routingKey, Buffer.from("{}"), {
      persistent: true,
    });
    await channel.waitForConfirms();
  };
}

const created = "appointment.created";
const queueArguments = {
  durable: true,
  arguments: { "x-queue-type": "quorum" },
};
const durable = { durable: true };

const refused: [service: keyof BrokerAccess, what: string, attempt: Attempt][] = [
  [
    "producer",
    "declaring a queue",
    (channel) => channel.assertQueue("apt.planted.queue", queueArguments),
  ],
  [
    "producer",
    "reading a queue",
    (channel) => channel.get("apt.audit.queue"),
  ],
  [
    "producer",
    "deleting a queue",
    (channel) => channel.deleteQueue("apt.audit.queue"),
  ],
  [
    "producer",
    "binding a queue",
    (channel) => channel.bindQueue("apt.audit.queue", "appointments.ex", "doctor.*"),
  ],
  [
    "producer",
    "declaring the dead-letter exchange",
    (channel) => channel.assertExchange("DLX", "direct", durable),
  ],
  [
    "producer",
    "declaring another exchange",
    (channel) => channel.assertExchange("planted.ex", "topic", durable),
  ],
  [
    "producer",
    "publishing what its contract does not name",
    publish("appointments.ex", "appointment.deleted"),
  ],
  [
    "producer",
    "publishing to a queue directly",
    publish("", "apt.audit.queue"),
  ],
  [
    "producer",
    "publishing to the retry exchange",
    publish("apt.retry.ex", "apt.audit.queue"),
  ],
  [
    "consumer",
    "declaring the producer's exchange",
    (channel) => channel.assertExchange("appointments.ex", "topic", durable),
  ],
  [
    "consumer",
    "deleting the producer's exchange",
    (channel) => channel.deleteExchange("appointments.ex"),
  ],
  ["consumer", "publishing an event", publish("appointments.ex", created)],
  [
    "consumer",
    "publishing to a queue directly",
    publish("", "apt.audit.queue"),
  ],
  [
    "consumer",
    "binding what its contract does not name",
    (channel) => channel.bindQueue("apt.audit.queue", "appointments.ex", "#"),
  ],
  [
    "consumer",
    "declaring a queue of another name",
    (channel) => channel.assertQueue("planted.queue", queueArguments),
  ],
];

test.each(refused)("the %s is refused: %s", async (service, _what, attempt) => {
  const channel = await channelOf(service);
  const closed = new Promise<Error>((resolve) => channel.once("error", resolve));
  const failure = await Promise.race([
    attempt(channel).then(() => undefined),
    closed,
  ]).catch((error) => error);
  expect(failure).toMatchObject({
    message: expect.stringContaining("ACCESS_REFUSED"),
  });
});

const allowed: [service: keyof BrokerAccess, what: string, attempt: Attempt][] = [
  [
    "producer",
    "declares its exchange",
    (channel) => channel.assertExchange("appointments.ex", "topic", durable),
  ],
  ["producer", "publishes each of its events", async (channel) => {
    for (const key of [created, "appointment.no_show", "doctor.updated"]) {
      await publish("appointments.ex", key)(channel);
    }
  }],
  [
    "consumer",
    "looks at the producer's exchange",
    (channel) => channel.checkExchange("appointments.ex"),
  ],
  [
    "consumer",
    "declares and binds queues of the family apt",
    async (channel) => {
      await channel.assertQueue("apt.new.queue", queueArguments);
      await channel.bindQueue(
        "apt.new.queue",
        "appointments.ex",
        "appointment.*",
      );
      await channel.deleteQueue("apt.new.queue");
    },
  ],
  [
    "consumer",
    "sends a message to a retry queue and to the dead letters",
    async (channel) => {
      await publish("apt.retry.ex", "apt.audit.retry.10m")(channel);
      await publish("DLX", "apt.audit.dlq")(channel);
      expect(await channel.get("apt.audit.dlq", { noAck: true }))
        .toBeTruthy();
    },
  ],
];

test.each(allowed)("the %s %s", async (service, _what, attempt) => {
  await attempt(await channelOf(service));
});

test("neither can enter another virtual host or come in with a wrong password", async () => {
  const elsewhere = new URL(access.producer);
  elsewhere.pathname = "/%2f";
  await expect(connect(elsewhere.href)).rejects.toThrow(/ConnectionClose/);
  const wrong = new URL(access.consumer);
  wrong.password = "wrong";
  await expect(connect(wrong.href)).rejects.toThrow(/403/);
});
