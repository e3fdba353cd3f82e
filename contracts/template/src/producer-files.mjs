import { renderFieldLimits } from "./field-limits.mjs";
import { literal } from "./literal.mjs";
import { anyVersion, describeMessage, encryptedForms, groupByEvent, renderEventNames } from "./messages.mjs";
import { upperFirst } from "./naming.mjs";
import { createValibotEmitter } from "./valibot.mjs";

/** The producer's modules: strict schemas of whole messages, and the exchange that they go to. */
export function producerFiles(asyncapi, settings) {
  const events = asyncapi.operations().filterBySend().flatMap((operation) => {
    const channel = operation.channels().all()[0];
    return operation.messages().all().map((message) => ({
      ...describeMessage(message, settings),
      routingKey: channel.address(),
      channel,
      message,
    }));
  });
  return {
    "events.ts": renderEvents(events, settings),
    "field-limits.ts": renderFieldLimits(events.map(({ schema }) => schema)),
    "topology.ts": renderTopology(events),
  };
}

function renderEvents(events, { formats, envelope }) {
  const emitter = createValibotEmitter({ strict: true, formats });
  const schemas = events.map(({ id, schema }) => {
    const code = emitter.emit(
      { ...schema, "x-parser-schema-id": undefined },
      id,
    );
    return `export const ${id}Schema = ${code};
export type ${upperFirst(id)} = v.InferOutput<typeof ${id}Schema>;\n`;
  });
  const { names, oldest } = renderEventNames(events);
  const routingKeys = Object.fromEntries(
    events.map((event) => [event.eventName, event.routingKey]),
  );
  return `import * as v from "valibot";
${emitter.imports()}
${emitter.constants()}
${schemas.join("\n")}
export const eventSchemas = {
${
    groupByEvent(events).map((versions) =>
      `  ${JSON.stringify(versions[0].eventName)}: ${anyVersion(versions.map(({ id }) => `${id}Schema`), envelope)},\n`
    ).join("")
  }} as const;

export type EventName = keyof typeof eventSchemas;
export type DomainEvent =
${events.map(({ id }) => `  | ${upperFirst(id)}`).join("\n")};

${names}
export const routingKeys: Record<EventName, string> = ${literal(routingKeys)};

${oldest}
/** The version of an event whose personal fields are encrypted, the versions that it stands for, and those fields. */
export const encryptedForms: Partial<
  Record<EventName, { version: number; plainVersions: readonly number[]; fields: readonly string[] }>
> = ${literal(encryptedForms(events))};
`;
}

function renderTopology(events) {
  const [{ exchange }, ...others] = events.map(({ channel }) => channel.bindings().get("amqp").value());
  if (others.some((other) => literal(other.exchange) !== literal(exchange))) {
    throw new Error("every event must go to the same exchange");
  }
  const { name, type, durable, autoDelete } = exchange;
  return `export const exchange = ${literal({ name, type, options: { durable, autoDelete } })} as const;

export const contentType = ${JSON.stringify(single(events, ({ message }) => message.contentType()))};
export const contentEncoding = ${
    JSON.stringify(
      single(events, ({ message }) => message.bindings().get("amqp")?.value().contentEncoding),
    )
  };
`;
}

function single(events, read) {
  const values = new Set(events.map(read));
  if (values.size !== 1) {
    throw new Error(
      `every event must have the same: ${[...values].join(", ")}`,
    );
  }
  return [...values][0];
}
