import { describeDelay } from "../template/src/topology.mjs";
import { bundle, dereference, type ReadFile } from "./bundle.ts";
import { CONSUMER_DOCUMENT, PRODUCER_DOCUMENT } from "./contract.ts";
import { arrayAt, at, type JsonObject, objectAt, textAt } from "./json.ts";
import { project } from "./project.ts";

const VHOST = "/";
const NOTHING = "^$";

interface Exchange {
  name: string;
  type: string;
  durable: boolean;
  autoDelete: boolean;
}

/** Where the rendered definitions are, from the project's root; releases keep theirs under the same name. */
export const DEFINITIONS = project.definitions;

/** What a channel says of its queue: the AMQP binding's `queue`, and x-rabbitmq. */
export interface QueueDescription {
  queue: JsonObject;
  topology: JsonObject;
}

/**
 * The broker's definitions (https://www.rabbitmq.com/docs/definitions): the topology, and for each service a user that
 * may do what its own AsyncAPI document says and nothing else. In the place of a password's hash stands
 * `@RABBITMQ_<USER>_PASSWORD_HASH@`, which deploy/rabbitmq/render-definitions.sh fills in.
 */
export function brokerDefinitions(producer: JsonObject, consumer: JsonObject) {
  const routes = Object.values(objectAt(dereference(producer, producer.channels)));
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
  const queues = Object.values(objectAt(consumer, "channels")).map((channel) =>
    describeQueue({
      queue: objectAt(channel, "bindings", "amqp", "queue"),
      topology: objectAt(channel, "x-rabbitmq"),
    })
  );
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
export function describeQueue({ queue: { name: given }, topology }: QueueDescription) {
  const name = String(given);
  const [deadLetter, retry] = [objectAt(topology, "deadLetter"), objectAt(topology, "retry")];
  const exchange = textAt(retry, "exchange");
  const delays = arrayAt(retry, "delays").map((delay) =>
    describeDelay(String(delay), project.queuePrefix + textAt(topology, "stem"), name, exchange)
  );
  return {
    queues: [
      queue(textAt(deadLetter, "queue"), objectAt(deadLetter, "arguments")),
      ...delays.map((delay) => queue(delay.queue, delay.arguments)),
      queue(name, objectAt(topology, "arguments")),
    ],
    bindings: [
      binding(textAt(deadLetter, "exchange"), textAt(deadLetter, "queue"), textAt(deadLetter, "routingKey")),
      ...delays.map((delay) => binding(exchange, delay.queue, delay.routingKey)),
      binding(exchange, name, name),
      ...arrayAt(topology, "bindings").map((one) => binding(textAt(one, "exchange"), name, textAt(one, "routingKey"))),
    ],
  };
}

function queue(name: string, args: JsonObject) {
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

/** Names of one prefix are one family, so that a subscriber's new queue needs no new permission; any other name is itself. */
function family(name: string): string {
  const { queuePrefix } = project;
  return queuePrefix !== "" && name.startsWith(queuePrefix) ? `${escape(queuePrefix)}.*` : escape(name);
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

/** The content of the definitions' file for the documents that are there. */
export function renderDefinitions(read: ReadFile): string {
  const definitions = brokerDefinitions(
    bundle(PRODUCER_DOCUMENT, read),
    bundle(CONSUMER_DOCUMENT, read),
  );
  return `${JSON.stringify(definitions, null, 2)}\n`;
}
