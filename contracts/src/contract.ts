import { bundle, dereference, type ReadFile, resolve } from "./bundle.ts";
import {
  arrayAt,
  at,
  entriesAt,
  isObject,
  type Json,
  type JsonObject,
  objectAt,
  type Path,
  pointerPath,
  textAt,
} from "./json.ts";

export const PRODUCER_DOCUMENT = "asyncapi.yaml";
export const CONSUMER_DOCUMENT = "consumer/asyncapi.yaml";

/** Both effective documents. */
export interface Contract {
  producer: JsonObject;
  consumer: JsonObject;
}

/** A message that the producer sends, without references. */
export interface SentEvent {
  id: string;
  eventName: string;
  /** Of its schema; an event has a message for each of its versions. */
  version: number;
  routingKey: string;
  exchange: JsonObject;
  operationId: string;
  /** The operation's AMQP binding. */
  operationBinding: JsonObject;
  message: JsonObject;
  payload: JsonObject;
  headers: JsonObject;
  /** Where the message is in the producer's document. */
  path: Path;
}

/** A job of the consumer: a receive operation, with its queue. */
export interface Job {
  name: string;
  channelId: string;
  queue: JsonObject;
  /** The channel's x-rabbitmq. */
  topology: JsonObject;
  receives: ReceivedMessage[];
  /** Message id → fields, `actor` or `payload.doctorId`. */
  reads: Record<string, string[]>;
}

export interface ReceivedMessage {
  id: string;
  eventName: string;
  version: number;
  message: JsonObject;
}

export function loadContract(read: ReadFile): Contract {
  return { producer: bundle(PRODUCER_DOCUMENT, read), consumer: bundle(CONSUMER_DOCUMENT, read) };
}

export function sentEvents({ producer }: Contract): SentEvent[] {
  return entriesAt(producer, "operations")
    .filter(([, operation]) => at(operation, "action") === "send")
    .flatMap(([operationId, operation]) => {
      const channel = resolve(producer, at(operation, "channel"));
      return messagesOf(producer, operation).map(({ id, eventName, version, message }) => ({
        id,
        eventName,
        version,
        routingKey: textAt(channel, "address"),
        exchange: objectAt(channel, "bindings", "amqp", "exchange"),
        operationId,
        operationBinding: objectAt(operation, "bindings", "amqp"),
        message,
        payload: objectAt(message, "payload"),
        headers: objectAt(message, "headers"),
        path: ["components", "messages", id],
      }));
    });
}

export function jobs({ consumer }: Contract): Job[] {
  return entriesAt(consumer, "operations")
    .filter(([, operation]) => at(operation, "action") === "receive")
    .map(([name, operation]) => {
      const channel = resolve(consumer, at(operation, "channel"));
      return {
        name,
        channelId: lastKey(at(operation, "channel")),
        queue: objectAt(channel, "bindings", "amqp", "queue"),
        topology: objectAt(channel, "x-rabbitmq"),
        receives: messagesOf(consumer, operation),
        reads: Object.fromEntries(
          entriesAt(operation, "x-reads").map(([id]) => [id, arrayAt(operation, "x-reads", id).map(String)]),
        ),
      };
    });
}

/** An operation without `messages` means all of its channel's. */
function messagesOf(document: JsonObject, operation: Json): ReceivedMessage[] {
  const channel = resolve(document, at(operation, "channel"));
  const listed = at(operation, "messages");
  const references = Array.isArray(listed)
    ? listed.map((reference): [string, Json] => [lastKey(reference), reference])
    : entriesAt(channel, "messages");
  return references.flatMap(([id, reference]) => {
    const message = dereference(document, reference);
    return isObject(message) ? [{ id, eventName: textAt(message, "name"), version: versionOf(message), message }] : [];
  });
}

function versionOf(message: JsonObject): number {
  return Number(at(message, "payload", "properties", "version", "const") ?? 1);
}

function lastKey(reference: Json | undefined): string {
  return pointerPath(textAt(reference, "$ref")).at(-1) ?? "";
}
