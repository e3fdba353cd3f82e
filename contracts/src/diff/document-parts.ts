import { dereference } from "../bundle.ts";
import {
  CONSUMER_DOCUMENT,
  type Contract,
  type Job,
  jobs,
  PRODUCER_DOCUMENT,
  type ReceivedMessage,
  type SentEvent,
  sentEvents,
} from "../contract.ts";
import { at, entriesAt, isObject, type Json, type JsonObject, objectAt, type Path, sameJson, textAt } from "../json.ts";
import { eventKey, type Pair } from "./pair.ts";

export type Kind =
  | "document"
  | "info"
  | "server"
  | "event channel"
  | "event operation"
  | "message"
  | "job channel"
  | "job operation"
  | "other operation"
  | "other channel";

/** A part of a document before and after, without what rules of its own compare: schemas, routing, topology, reads. */
export interface Part {
  kind: Kind;
  document: string;
  /** Where it is in the new document, or was in the old one. */
  path: Path;
  /** How it is called in a sentence. */
  name: string;
  was: Json | undefined;
  is: Json | undefined;
  event?: SentEvent;
  job?: Job;
}

/** Every part of both documents, by what it is and not by its key, so that a renamed component is the same part. */
export function documentParts(
  before: Contract,
  after: Contract,
  events: Pair<SentEvent>[],
  pairsOfJobs: Pair<Job>[],
): Part[] {
  return [
    ...sideParts(PRODUCER_DOCUMENT, before.producer, after.producer, before, after),
    ...sideParts(CONSUMER_DOCUMENT, before.consumer, after.consumer, before, after),
    ...events.flatMap(([was, is]) => was && is ? eventParts(was, is, before, after) : []),
    ...pairsOfJobs.flatMap(([was, is]) => was && is ? jobParts(was, is, before, after) : []),
  ];
}

function sideParts(document: string, was: JsonObject, is: JsonObject, before: Contract, after: Contract): Part[] {
  const named = (kind: Kind, group: string, old: JsonObject, now: JsonObject) =>
    [...new Set([...Object.keys(old), ...Object.keys(now)])].map((name): Part => ({
      kind,
      document,
      path: [group, name],
      name: `${kind} ${name}`,
      was: old[name],
      is: now[name],
    }));
  return [
    { kind: "document", document, path: [], name: "", was: rootOf(was, before), is: rootOf(is, after) },
    { kind: "info", document, path: ["info"], name: "info", was: infoOf(was), is: infoOf(is) },
    ...named("server", "servers", serversOf(was, before), serversOf(is, after)),
    ...named("other operation", "operations", otherOperations(was, before), otherOperations(is, after)),
    ...named("other channel", "channels", unusedChannels(was), unusedChannels(is)),
  ];
}

/** What a document says at its root; the exchanges that have rules of their own, and the producer's, left out. */
function rootOf(document: JsonObject, contract: Contract): JsonObject {
  const { info: _i, servers: _s, channels: _c, operations: _o, components: _k, ...root } = document;
  const { deadLetter: _d, retry: _r, source, ...exchanges } = objectAt(root, "x-rabbitmq", "exchanges");
  if (source === undefined) return root;
  const isTheirs = sentEvents(contract).some(({ exchange }) => sameJson(exchange, source));
  return {
    ...root,
    "x-rabbitmq": {
      ...objectAt(root["x-rabbitmq"]),
      exchanges: isTheirs ? exchanges : { ...exchanges, source },
    },
  };
}

function infoOf(document: JsonObject): JsonObject {
  const { version: _version, ...info } = objectAt(document, "info");
  return info;
}

/** A server that the consumer takes over from the producer's document is a part of that one: here it is only there. */
function serversOf(document: JsonObject, { producer }: Contract): JsonObject {
  return Object.fromEntries(
    entriesAt(document, "servers").map(([name, server]) => {
      const own = dereference(document, server);
      return [
        name,
        document !== producer && sameJson(own, dereference(producer, at(producer, "servers", name))) || own,
      ];
    }),
  );
}

/** Operations that are neither an event's nor a job's. */
function otherOperations(document: JsonObject, contract: Contract): JsonObject {
  const known = new Set(
    document === contract.producer
      ? sentEvents(contract).map(({ operationId }) => operationId)
      : jobs(contract).map(({ name }) => name),
  );
  return Object.fromEntries(
    entriesAt(document, "operations").filter(([name]) => !known.has(name))
      .map(([name, operation]) => [name, dereference(document, operation)]),
  );
}

function unusedChannels(document: JsonObject): JsonObject {
  const used = new Set(entriesAt(document, "operations").map(([, operation]) => textAt(operation, "channel", "$ref")));
  return Object.fromEntries(
    entriesAt(document, "channels").filter(([name]) => !used.has(`#/channels/${name}`))
      .map(([name, channel]) => [textAt(channel, "address") || name, dereference(document, channel)]),
  );
}

function eventParts(was: SentEvent, is: SentEvent, before: Contract, after: Contract): Part[] {
  const part = (kind: Kind, path: Path, old: Json, now: Json): Part => {
    return { kind, document: PRODUCER_DOCUMENT, path, name: "", was: old, is: now, event: is };
  };
  return [
    part("event channel", ["channels", is.channelId], channelOf(was), channelOf(is)),
    part(
      "event operation",
      ["operations", is.operationId],
      operationOf(before.producer, was.operationId),
      operationOf(after.producer, is.operationId),
    ),
    part("message", is.path, messageOf(was.message), messageOf(is.message)),
  ];
}

function channelOf({ channel: { address: _address, ...channel } }: SentEvent): JsonObject {
  return without(channel, ["bindings", "amqp", "exchange"]);
}

function operationOf(document: JsonObject, id: string): JsonObject {
  const { channel: _channel, messages: _messages, "x-reads": _reads, ...own } = objectAt(document, "operations", id);
  return objectAt(dereference(document, own));
}

function messageOf({ payload: _payload, headers: _headers, ...message }: JsonObject): JsonObject {
  return message;
}

/** What the rules of the topology compare. */
const TOPOLOGY: Path[] = [
  ["stem"],
  ["bindings"],
  ["arguments"],
  ...["exchange", "queue", "routingKey", "arguments"].map((key) => ["deadLetter", key]),
  ...["exchange", "delays"].map((key) => ["retry", key]),
];

function jobParts(was: Job, is: Job, before: Contract, after: Contract): Part[] {
  const part = (kind: Kind, path: Path, old: Json, now: Json): Part => {
    return { kind, document: CONSUMER_DOCUMENT, path, name: is.name, was: old, is: now, job: is };
  };
  const channel = (job: Job) =>
    [["bindings", "amqp", "queue"], ...TOPOLOGY.map((path) => ["x-rabbitmq", ...path])].reduce(without, job.channel);
  return [
    part("job channel", ["channels", is.channelId], channel(was), channel(is)),
    part(
      "job operation",
      ["operations", is.name],
      operationOf(before.consumer, was.name),
      operationOf(after.consumer, is.name),
    ),
    part("job channel", ["channels", is.channelId, "messages"], otherMessages(was, before), otherMessages(is, after)),
  ];
}

/** What a job receives and the producer does not describe in the same way. */
function otherMessages(job: Job, contract: Contract): JsonObject {
  const sent = new Map(sentEvents(contract).map((event) => [eventKey(event), event.message]));
  const isTheirs = (received: ReceivedMessage) => sameJson(sent.get(eventKey(received)), received.message);
  return Object.fromEntries(
    job.receives.filter((received) => !isTheirs(received)).map((received) => [eventKey(received), received.message]),
  );
}

/** A copy without what is at a path; nor the objects on the way to it, where nothing else is in them. */
function without(object: JsonObject, path: Path): JsonObject {
  const [key = "", ...deeper] = path.map(String);
  const { [key]: found, ...rest } = object;
  if (found === undefined || deeper.length === 0 || !isObject(found)) return deeper.length === 0 ? rest : object;
  const inner = without(found, deeper);
  return Object.keys(inner).length === 0 ? rest : { ...rest, [key]: inner };
}
