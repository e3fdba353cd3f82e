import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { createValibotEmitter } from "../template/src/valibot.mjs";

function emit(schema: object, strict = true): string {
  return createValibotEmitter({ strict }).emit(schema, "somewhere");
}

/** The schema that the emitted code is. */
function evaluate(schema: object, strict = true): v.GenericSchema {
  return new Function("v", `return ${emit(schema, strict)}`)(v);
}

describe("the valibot that is emitted", () => {
  it.each<[object, accepted: unknown[], refused: unknown[]]>([
    [{ type: "string", minLength: 2, maxLength: 3 }, ["ab", "😀😀", "😀😀😀"], ["a", "😀", "abcd", 12, null]],
    [{ type: "string", pattern: "^\\+[1-9]/" }, ["+1/"], ["1/", "+0/"]],
    [{ type: "string", const: 'a"b' }, ['a"b'], ["ab"]],
    [{ type: ["string", "null"], enum: ["a", null] }, ["a", null], ["b", "null"]],
    [{ type: "integer", minimum: 1, exclusiveMaximum: 3 }, [1, 2], [0, 3, 1.5, "1", Infinity, Number.NaN]],
    [{ type: "number", exclusiveMinimum: 0, multipleOf: 0.5 }, [0.5, 3], [0, 0.3, Infinity]],
    [{ type: "boolean" }, [true, false], [0, null]],
    [{ type: "array", items: { type: "integer" }, minItems: 1, maxItems: 2 }, [[1], [1, 2]], [
      [],
      [1, 2, 3],
      ["1"],
      {},
    ]],
    [{ type: "object", properties: { a: { type: "string" } } }, [{}, { a: "x" }], [{ a: 1 }, { b: 1 }, [], null]],
    [{ type: "object", required: ["a"], properties: { a: { type: "integer" } } }, [{ a: 1 }], [{}, { a: null }]],
    [
      { type: "object", minProperties: 1, properties: { a: { type: "integer" }, b: { type: "integer" } } },
      [{ a: 1 }, { a: undefined, b: 1 }],
      [{}, { a: undefined }, []],
    ],
  ])("judges as %j does", (schema, accepted, refused) => {
    const emitted = evaluate(schema);
    for (const value of accepted) expect([value, v.is(emitted, value)]).toEqual([value, true]);
    for (const value of refused) expect([value, v.is(emitted, value)]).toEqual([value, false]);
  });

  it("drops undeclared fields instead of refusing them when it is not strict", () => {
    const schema = { type: "object", required: ["a"], properties: { a: { type: "string" } } };
    expect(v.parse(evaluate(schema, false), { a: "x", b: 1 })).toEqual({ a: "x" });
  });

  it.each<[string, object, string]>([
    ["an unknown keyword", { type: "string", contentEncoding: "base64" }, "unsupported keyword contentEncoding"],
    ["a keyword of another type", { type: "string", minimum: 1 }, "unsupported keyword minimum on type string"],
    ["a format without a check", { type: "string", format: "hostname" }, "no check for the format hostname"],
    ["two types", { type: ["string", "integer"] }, "unsupported type"],
    ["no type", { minimum: 1 }, "unsupported type"],
    ["an object that is open on purpose", { type: "object", additionalProperties: true }, "additionalProperties"],
    ["const beside enum", { type: "string", const: "a", enum: ["a"] }, "exclude each other"],
    ["a required field that is not described", { type: "object", required: ["a"] }, "required but not described: a"],
  ])("stops at %s, naming the place", (_, schema, reason) => {
    expect(() => emit(schema)).toThrow(new RegExp(`^somewhere: .*${reason}`));
  });

  it("refuses one name for two schemas", () => {
    const emitter = createValibotEmitter({ strict: true });
    emitter.emit({ type: "string", "x-parser-schema-id": "Name" }, "here");
    expect(() => emitter.emit({ type: "integer", "x-parser-schema-id": "Name" }, "there")).toThrow(
      "there: two different schemas are named name",
    );
  });
});
