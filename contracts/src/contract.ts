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
import { project } from "./project.ts";

export const { producer: PRODUCER_DOCUMENT, consumer: CONSUMER_DOCUMENT } = project.documents;

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
  channelId: string;
  /** Without its messages. */
  channel: JsonObject;
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
  /** Without its messages. */
  channel: JsonObject;
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
  /** Where it is in its document. */
  path: Path;
}

export function loadContract(read: ReadFile): Contract {
  return { producer: bundle(PRODUCER_DOCUMENT, read), consumer: bundle(CONSUMER_DOCUMENT, read) };
}

/** What both documents say is asked for often, and taken apart once. */
const taken = { events: new WeakMap<Contract, SentEvent[]>(), jobs: new WeakMap<Contract, Job[]>() };

export function sentEvents(contract: Contract): SentEvent[] {
  const events = taken.events.get(contract) ?? eventsOf(contract);
  taken.events.set(contract, events);
  return events;
}

export function jobs(contract: Contract): Job[] {
  const known = taken.jobs.get(contract) ?? jobsOf(contract);
  taken.jobs.set(contract, known);
  return known;
}

function eventsOf({ producer }: Contract): SentEvent[] {
  return entriesAt(producer, "operations")
    .filter(([, operation]) => at(operation, "action") === "send")
    .flatMap(([operationId, operation]) => {
      const channel = channelOf(producer, operation);
      return messagesOf(producer, operation).map(({ path, message, ...which }) => ({
        ...which,
        routingKey: textAt(channel, "address"),
        exchange: objectAt(channel, "bindings", "amqp", "exchange"),
        channelId: lastKey(at(operation, "channel")),
        channel,
        operationId,
        operationBinding: objectAt(dereference(producer, at(operation, "bindings")), "amqp"),
        message,
        payload: objectAt(message, "payload"),
        headers: objectAt(message, "headers"),
        path,
      }));
    });
}

function jobsOf({ consumer }: Contract): Job[] {
  return entriesAt(consumer, "operations")
    .filter(([, operation]) => at(operation, "action") === "receive")
    .map(([name, operation]) => {
      const channel = channelOf(consumer, operation);
      return {
        name,
        channelId: lastKey(at(operation, "channel")),
        channel,
        queue: objectAt(channel, "bindings", "amqp", "queue"),
        topology: objectAt(channel, "x-rabbitmq"),
        receives: messagesOf(consumer, operation),
        reads: Object.fromEntries(
          entriesAt(operation, "x-reads").map(([id]) => [id, arrayAt(operation, "x-reads", id).map(String)]),
        ),
      };
    });
}

/** An operation's channel without its messages. */
function channelOf(document: JsonObject, operation: Json): JsonObject {
  const { messages: _messages, ...own } = objectAt(resolve(document, at(operation, "channel")));
  return objectAt(dereference(document, own));
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
    const inChannel = ["channels", lastKey(at(operation, "channel")), "messages", id];
    return isObject(message)
      ? [{
        id,
        eventName: textAt(message, "name"),
        version: versionOf(message),
        message,
        path: placeOf(document, reference) ?? inChannel,
      }]
      : [];
  });
}

/** Where a reference leads in the end; undefined where there is none. */
function placeOf(document: JsonObject, reference: Json | undefined): Path | undefined {
  const path = pointerPath(textAt(reference, "$ref"));
  return path.length === 0 ? undefined : placeOf(document, at(document, ...path)) ?? path;
}

function versionOf(message: JsonObject): number {
  const version = project.envelope && at(message, "payload", "properties", project.envelope.version, "const");
  return Number(version ?? 1);
}

function lastKey(reference: Json | undefined): string {
  return pointerPath(textAt(reference, "$ref")).at(-1) ?? "";
}
