import { type Edit, replace } from "./edit.ts";

/** Faults of the envelope, of how a message is handed over, and of what is declared by code. */

type Row = [what: string, ...edits: Edit[]];

const outbox = "producer/src/outbox/outbox-store.ts";
const toMessage = "producer/src/outbox/to-message.ts";
const context = "producer/src/http/command-context.ts";
const assertExchange = "producer/src/amqp/assert-exchange.ts";
const consumerTopology = "consumer/src/broker/topology.ts";

/** A property of every message besides those that there are. */
function property(text: string): Edit {
  return replace(toMessage, "      headers: row.headers,", `      headers: row.headers,\n      ${text},`);
}

function declares(args: string): Edit {
  return replace(assertExchange, "channel.assertExchange(name, type, options)", `channel.assertExchange(${args})`);
}

export const deliveryTable: Record<string, Row[]> = {
  "envelope": [
    ["no traceparent", replace(outbox, "    traceparent: origin.traceparent,\n", "")],
    [
      "the traceparent of another request",
      replace(
        outbox,
        "traceparent: origin.traceparent",
        'traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"',
      ),
    ],
    [
      "no tracestate",
      replace(outbox, "origin.tracestate === undefined ? {} : { tracestate: origin.tracestate }", "{}"),
    ],
    [
      "a tracestate with an address",
      replace(
        "producer/src/telemetry/trace-context.ts",
        "tracestate.length <= 512 && withoutContacts(tracestate) === tracestate",
        "tracestate.length <= 512",
      ),
    ],
    [
      "the correlation id is not the request's",
      replace(context, "correlationId: call.requestId", "correlationId: crypto.randomUUID()"),
    ],
    [
      "a correlation id with an address",
      replace(
        "producer/src/http/request-context.ts",
        "isIdentifier(givenId) ? givenId : randomUUID()",
        "givenId ?? randomUUID()",
      ),
    ],
    ["the actor is always the same", replace(context, "actor: call.principal.name", 'actor: "contracts"')],
    [
      "the actor says how they proved who they are",
      replace(context, "actor: call.principal.name", "actor: call.principal.caller"),
    ],
    [
      "an actor with an address",
      replace("producer/src/http/verify-token.ts", "return isIdentifier(name) ? name :", "return name ? name :"),
    ],
  ],
  "properties that nobody declared": [
    ["expiration", property('expiration: "86400000"')],
    ["priority", property("priority: 5")],
    ["reply_to", property('replyTo: "answers"')],
    ["user_id", property('userId: decodeURIComponent(new URL(process.env.AMQP_URL ?? "").username) || "guest"')],
    ["a copy under another key by CC", property('CC: ["clinic.copy"]')],
    ["a copy under another key by BCC", property('BCC: ["clinic.copy"]')],
    ["not mandatory", replace(toMessage, "mandatory: true", "mandatory: false")],
  ],
  "what the services declare": [
    ["the exchange as fanout", declares('name, "fanout", options')],
    ["the exchange not durable", declares("name, type, { ...options, durable: false }")],
    ["the exchange goes with its last queue", declares("name, type, { ...options, autoDelete: true }")],
    [
      "the exchange with another one behind it",
      declares('name, type, { ...options, alternateExchange: "unrouted.ex" }'),
    ],
    [
      "queues without dead letters",
      replace(
        consumerTopology,
        "{ ...durable, arguments: queue.arguments }",
        '{ ...durable, arguments: { ...queue.arguments, "x-dead-letter-exchange": undefined, "x-dead-letter-routing-key": undefined } }',
      ),
    ],
    [
      "queues of half the length",
      replace(
        consumerTopology,
        "{ ...durable, arguments: queue.arguments }",
        '{ ...durable, arguments: { ...queue.arguments, ...(queue.arguments["x-max-length"] && { "x-max-length": 5000 }) } }',
      ),
    ],
    [
      "retries that wait twice as long",
      replace(
        consumerTopology,
        "{ ...durable, arguments: queue.arguments }",
        '{ ...durable, arguments: { ...queue.arguments, ...(queue.arguments["x-message-ttl"] && { "x-message-ttl": 2 * Number(queue.arguments["x-message-ttl"]) }) } }',
      ),
    ],
    [
      "a binding that nobody described",
      replace(
        consumerTopology,
        "await channel.bindQueue(queue.name, exchange, routingKey)",
        "await channel.bindQueue(queue.name, exchange, routingKey), await channel.bindQueue(queue.name, exchange, `${routingKey}.more`)",
      ),
    ],
  ],
};
