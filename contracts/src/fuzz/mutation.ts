import fc from "fast-check";
import { arrayAt, at, entriesAt, isObject, type Json, type JsonObject, objectAt, textAt } from "../json.ts";
import type { Message } from "./histories.ts";

export interface Mutated {
  message: Message;
  /** What was done, for the report. */
  what: string;
  /** `payload.doctorId`, `actor`; undefined when no described field was touched. */
  field: string | undefined;
}

interface Mutation {
  what: string;
  field: string | undefined;
  apply(body: JsonObject): void;
}

/** The message with one thing wrong: a field gone, of another type or outside its limits, or one that nobody declared. */
export function mutate(message: Message, seed: number): Mutated {
  const all = mutations(message);
  const chosen = fc.sample(fc.constantFrom(...all), { numRuns: 1, seed })[0] as Mutation;
  const body = structuredClone(message.body);
  chosen.apply(body);
  return { message: { ...message, body }, what: `${message.event.eventName}: ${chosen.what}`, field: chosen.field };
}

function mutations({ event, body }: Message): Mutation[] {
  const payload = objectAt(event.payload, "properties", "payload");
  return [
    ...ofFields(event.payload, body, []),
    ...ofFields(payload, objectAt(body, "payload"), ["payload"]),
    { what: "an undeclared field", field: undefined, apply: (it) => it.undeclared = "x" },
    {
      what: "an undeclared payload field",
      field: undefined,
      apply: (it) => objectAt(it, "payload").undeclared = { a: 1 },
    },
  ];
}

function ofFields(schema: JsonObject, value: JsonObject, path: string[]): Mutation[] {
  const required = arrayAt(schema, "required");
  return entriesAt(schema, "properties").filter(([name]) => name in value).flatMap(([name, declared]) => {
    const field = [...path, name].join(".");
    const parent = (body: JsonObject) => path.length === 0 ? body : at(body, ...path) as JsonObject;
    const becomes = (wrong: Json, how: string): Mutation => ({
      what: `${field} ${how}`,
      field,
      apply: (body) => parent(body)[name] = wrong,
    });
    const gone: Mutation = { what: `${field} gone`, field, apply: (body) => delete parent(body)[name] };
    return [
      ...(required.includes(name) ? [gone] : []),
      becomes(null, "null"),
      becomes(wrongType(declared), "of another type"),
      ...outside(isObject(declared) ? declared : {}).map((wrong) => becomes(wrong, "outside its limits")),
    ];
  });
}

function wrongType(schema: Json): Json {
  return textAt(schema, "type") === "string" ? 42 : "text";
}

/** Values of the right type that the schema refuses. */
function outside(schema: JsonObject): Json[] {
  switch (textAt(schema, "type")) {
    case "string":
      if (schema.maxLength !== undefined && !schema.format) return ["x".repeat(Number(schema.maxLength) + 1)];
      return schema.format || schema.pattern || schema.enum || schema.const !== undefined ? ["not §this"] : [];
    case "integer":
      if (schema.const !== undefined) return [Number(schema.const) + 100];
      return [1.5, ...(schema.minimum === undefined ? [] : [Number(schema.minimum) - 1])];
    default:
      return [];
  }
}
