import { describeDelay } from "../template/src/topology.mjs";
import { bundle, type ReadFile } from "./bundle.ts";
import { at, type Json, type JsonObject, objectAt } from "./json.ts";

const VHOST = "/";
const NOTHING = "^$";

interface Exchange {
  name: string;
  type: string;
  durable: boolean;
  autoDelete: boolean;
}

interface QueueChannel {
  bindings: { amqp: { queue: { name: string } } };
  "x-rabbitmq": {
    stem: string;
    bindings: { exchange: string; routingKey: string }[];
    arguments: JsonObject;
    deadLetter: {
      exchange: string;
      queue: string;
      routingKey: string;
      arguments: JsonObject;
    };
    retry: { exchange: string; delays: string[] };
  };
}

/**
 * The broker's definitions (https://www.rabbitmq.com/docs/definitions): the topology, and for each service a user that
 * may do what its own AsyncAPI document says and nothing else. In the place of a password's hash stands
 * `@RABBITMQ_<USER>_PASSWORD_HASH@`, which deploy/rabbitmq/render-definitions.sh fills in.
 */
export function brokerDefinitions(producer: JsonObject, consumer: JsonObject) {
  const routes = Object.values(objectAt(producer, "channels"));
  const source = at(
    routes[0],
    "bindings",
    "amqp",
    "exchange",
  ) as unknown as Exchange;
  const routingKeys = routes.map((route) => at(route, "address") as string);

  const { deadLetter, retry } = objectAt(
    consumer,
    "x-rabbitmq",
    "exchanges",
  ) as unknown as Record<string, Exchange>;
  const owned = [deadLetter!, retry!];
  const queues = (Object.values(objectAt(consumer, "channels")) as unknown as QueueChannel[])
    .map(describeQueue);
  const boundKeys = queues.flatMap((queue) => queue.bindings)
    .filter((binding) => binding.source === source.name)
    .map((binding) => binding.routing_key);

  const names = queues.flatMap((queue) => queue.queues.map(({ name }) => name));
  const ownedPattern = [
    ...new Set([...names, ...owned.map(({ name }) => name)].map(family)),
  ];
  return {
    vhosts: [{ name: VHOST }],
    users: [
      user("admin", ["administrator"]),
      user("producer", []),
      user("consumer", []),
    ],
    permissions: [
      permission("admin", { configure: ".*", write: ".*", read: ".*" }),
      permission("producer", {
        configure: anyOf([source.name]),
        write: anyOf([source.name]),
        read: NOTHING,
      }),
      permission("consumer", {
        configure: pattern(ownedPattern),
        write: pattern(ownedPattern),
        read: pattern([...ownedPattern, escape(source.name)]),
      }),
    ],
    topic_permissions: [
      {
        user: "producer",
        vhost: VHOST,
        exchange: source.name,
        write: anyOf(routingKeys),
        read: NOTHING,
      },
      {
        user: "consumer",
        vhost: VHOST,
        exchange: source.name,
        write: NOTHING,
        read: anyOf([...new Set(boundKeys)]),
      },
    ],
    exchanges: [source, ...owned].map(({ name, type, durable, autoDelete }) => (
      {
        name,
        vhost: VHOST,
        type,
        durable,
        auto_delete: autoDelete,
        internal: false,
        arguments: {},
      }
    )),
    queues: queues.flatMap((queue) => queue.queues),
    bindings: queues.flatMap((queue) => queue.bindings),
    policies: [],
    parameters: [],
  };
}

/** A job's queue with its dead-letter queue and its retry queues. */
function describeQueue(channel: QueueChannel) {
  const { name } = channel.bindings.amqp.queue;
  const { stem, bindings, deadLetter, retry, arguments: own } = channel["x-rabbitmq"];
  const delays = retry.delays.map((delay) => describeDelay(delay, stem, name, retry.exchange));
  return {
    queues: [
      queue(deadLetter.queue, deadLetter.arguments),
      ...delays.map((delay) => queue(delay.queue, delay.arguments)),
      queue(name, own),
    ],
    bindings: [
      binding(deadLetter.exchange, deadLetter.queue, deadLetter.routingKey),
      ...delays.map((delay) => binding(retry.exchange, delay.queue, delay.routingKey)),
      binding(retry.exchange, name, name),
      ...bindings.map(({ exchange, routingKey }) => binding(exchange, name, routingKey)),
    ],
  };
}

function queue(name: string, args: Json) {
  return {
    name,
    vhost: VHOST,
    durable: true,
    auto_delete: false,
    arguments: args,
  };
}

function binding(source: string, destination: string, routingKey: string) {
  return {
    source,
    vhost: VHOST,
    destination,
    destination_type: "queue",
    routing_key: routingKey,
    arguments: {},
  };
}

function user(name: string, tags: string[]) {
  return {
    name,
    password_hash: `@RABBITMQ_${name.toUpperCase()}_PASSWORD_HASH@`,
    hashing_algorithm: "rabbit_password_hashing_sha256",
    tags,
  };
}

function permission(
  name: string,
  permissions: { configure: string; write: string; read: string },
) {
  return { user: name, vhost: VHOST, ...permissions };
}

/** `apt.…` names are one family, so that a subscriber's new queue needs no new permission; any other name is itself. */
function family(name: string): string {
  return name.startsWith("apt.") ? "apt\\..*" : escape(name);
}

function anyOf(names: string[]): string {
  return pattern(names.map(escape));
}

function pattern(alternatives: string[]): string {
  return `^(${alternatives.join("|")})$`;
}

function escape(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The content of deploy/rabbitmq/definitions.json for the documents that are there. */
export function renderDefinitions(read: ReadFile): string {
  const definitions = brokerDefinitions(
    bundle("asyncapi.yaml", read),
    bundle("consumer/asyncapi.yaml", read),
  );
  return `${JSON.stringify(definitions, null, 2)}\n`;
}
