import { CONSUMER_DOCUMENT, type Contract, PRODUCER_DOCUMENT } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { at, entriesAt, isObject, type Json, type JsonObject, type Path } from "../json.ts";

const VERSION = "0.3.0";

/** A field that is allowed, with the fields allowed inside of it. */
interface Fields {
  [field: string]: Fields | true;
}

/** AsyncAPI's AMQP binding 0.3.0, which the parser does not hold against a document in full. */
const ALLOWED = {
  servers: {},
  channels: {
    is: true,
    exchange: { name: true, type: true, durable: true, autoDelete: true, vhost: true },
    queue: { name: true, durable: true, exclusive: true, autoDelete: true, vhost: true },
    bindingVersion: true,
  },
  operations: {
    expiration: true,
    userId: true,
    cc: true,
    priority: true,
    deliveryMode: true,
    mandatory: true,
    bcc: true,
    timestamp: true,
    ack: true,
    bindingVersion: true,
  },
  messages: { contentEncoding: true, messageType: true, bindingVersion: true },
} satisfies Record<string, Fields>;

type Level = keyof typeof ALLOWED;

const COMPONENT_BINDINGS: Record<string, Level> = {
  serverBindings: "servers",
  channelBindings: "channels",
  operationBindings: "operations",
  messageBindings: "messages",
};

/** A field in a binding that RabbitMQ clients would never see: a typing error, or one of another version. */
export function bindingProblems(contract: Contract): Problem[] {
  return [
    ...problemsIn(PRODUCER_DOCUMENT, contract.producer),
    ...problemsIn(CONSUMER_DOCUMENT, contract.consumer),
  ];
}

function problemsIn(document: string, effective: JsonObject): Problem[] {
  return bindingsOf(effective).flatMap(({ level, path, bindings }) =>
    // What a reference leads to is a component, and looked at as such.
    entriesAt(bindings).filter(([key]) => key !== "$ref").flatMap(([protocol, binding]) =>
      protocol === "amqp"
        ? checkAmqp(level, binding, [...path, protocol])
        : [{ path: [...path, protocol], reason: "binds to a protocol that is not amqp" }]
    )
  ).map((problem) => ({ document, ...problem }));
}

interface Bindings {
  level: Level;
  path: Path;
  bindings: Json | undefined;
}

function bindingsOf(document: JsonObject): Bindings[] {
  const owners = (level: Level, ...path: string[]): Bindings[] =>
    entriesAt(document, ...path).map(([name, owner]) => ({
      level,
      path: [...path, name, "bindings"],
      bindings: at(owner, "bindings"),
    }));
  const inChannels = entriesAt(document, "channels").flatMap(([name]) =>
    owners("messages", "channels", name, "messages")
  );
  const shared = Object.entries(COMPONENT_BINDINGS).flatMap(([kind, level]) =>
    entriesAt(document, "components", kind).map(([name, bindings]) => ({
      level,
      path: ["components", kind, name],
      bindings,
    }))
  );
  const levels: Level[] = ["servers", "channels", "operations", "messages"];
  return [
    ...levels.filter((level) => level !== "messages").flatMap((level) => owners(level, level)),
    ...levels.flatMap((level) => owners(level, "components", level)),
    ...inChannels,
    ...shared,
  ];
}

type Found = Omit<Problem, "document">;

function checkAmqp(level: Level, binding: Json, path: Path): Found[] {
  const found = unknownFields(level, ALLOWED[level], binding, path);
  if (level === "servers") return found;
  const version = at(binding, "bindingVersion");
  if (version !== VERSION) {
    found.push({ path: [...path, "bindingVersion"], reason: `must be ${VERSION}, is ${JSON.stringify(version)}` });
  }
  return level === "channels" ? [...found, ...checkChannel(binding, path)] : found;
}

function unknownFields(level: Level, allowed: Fields, value: Json, path: Path): Found[] {
  return entriesAt(value).flatMap(([field, inner]) => {
    const fields = Object.hasOwn(allowed, field) ? allowed[field] : undefined;
    if (fields === undefined) {
      return [{ path: [...path, field], reason: `is not a field of the AMQP binding ${VERSION} of ${level}` }];
    }
    return fields === true || !isObject(inner) ? [] : unknownFields(level, fields, inner, [...path, field]);
  });
}

/** A channel is an exchange with a routing key or a queue, never both. */
function checkChannel(binding: Json, path: Path): Found[] {
  const wrong = at(binding, "is") === "queue" ? "exchange" : "queue";
  return at(binding, wrong) === undefined
    ? []
    : [{ path: [...path, wrong], reason: `does not go with is: ${JSON.stringify(at(binding, "is"))}` }];
}
