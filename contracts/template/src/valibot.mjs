import {
  arrayActions,
  checkKeywords,
  fieldCountActions,
  fixedValues,
  lengthActions,
  numberActions,
  typeOf,
} from "./constraints.mjs";
import { propertyKey } from "./literal.mjs";
import { lowerFirst } from "./naming.mjs";

const FORMATS = {
  "date-time": { check: "isDateTime", says: "must be an RFC 3339 date-time with offset" },
  date: { check: "isDate", says: "must be an RFC 3339 date" },
  uuid: { check: "isUuid", says: "must be a UUID" },
  email: { check: "isEmail", says: "must be an e-mail address" },
};

/** valibot takes an array for an object none of whose fields is required. */
const NO_ARRAY = ["v.unknown()", 'v.check((value) => !Array.isArray(value), "must be an object")'];

/**
 * Emits valibot code for JSON Schemas. `strict` refuses undeclared fields, otherwise they are dropped. Named schemas
 * become constants, formats become imports; both are collected here in the order of their first use.
 */
export function createValibotEmitter({ strict, formats = "../formats.ts" }) {
  const named = new Map();
  const imports = new Set();
  const objectFunction = strict ? "v.strictObject" : "v.object";

  function emit(schema, where, depth = 0) {
    const name = constantName(schema);
    if (name === undefined) return emitInline(schema, where, depth);
    const code = emitInline(schema, where, 0);
    if ((named.get(name) ?? code) !== code) throw new Error(`${where}: two different schemas are named ${name}`);
    named.set(name, code);
    return name;
  }

  function emitInline(schema, where, depth) {
    const { type, nullable } = typeOf(schema, where);
    checkKeywords(schema, type, where);
    const fixed = fixedValues(schema);
    const code = fixed ?? pipe(emitters[type](schema, where, depth), depth);
    return nullable ? `v.nullable(${code})` : code;
  }

  const emitters = {
    boolean: () => ["v.boolean()"],
    integer: (schema) => ["v.number()", "v.integer()", ...numberActions(schema)],
    number: (schema) => ["v.number()", "v.finite()", ...numberActions(schema)],
    string: (schema, where) => [
      "v.string()",
      ...formatActions(schema.format, where),
      ...(schema.pattern === undefined ? [] : [`v.regex(${new RegExp(schema.pattern, "u")})`]),
      ...lengthActions(schema),
    ],
    array: (schema, where, depth) => [
      `v.array(${schema.items === undefined ? "v.unknown()" : emit(schema.items, `${where}/items`, depth)})`,
      ...arrayActions(schema),
    ],
    object: (schema, where, depth) => {
      const before = schema.required?.length > 0 ? [] : NO_ARRAY;
      const after = fieldCountActions(schema);
      const piped = before.length + after.length > 0;
      return [...before, emitObject(schema, where, piped ? depth + 1 : depth), ...after];
    },
  };

  function emitObject({ properties = {}, required = [] }, where, depth) {
    const undescribed = required.filter((key) => !(key in properties));
    if (undescribed.length > 0) throw new Error(`${where}: required but not described: ${undescribed.join(", ")}`);
    const lines = Object.entries(properties).map(([key, property]) => {
      const code = emit(property, `${where}/properties/${key}`, depth + 1);
      return `${"  ".repeat(depth + 1)}${propertyKey(key)}: ${
        required.includes(key) ? code : `v.optional(${code})`
      },\n`;
    });
    return lines.length === 0
      ? `${objectFunction}({})`
      : `${objectFunction}({\n${lines.join("")}${"  ".repeat(depth)}})`;
  }

  function formatActions(name, where) {
    if (name === undefined) return [];
    const format = FORMATS[name];
    if (format === undefined) throw new Error(`${where}: no check for the format ${name}`);
    imports.add(format.check);
    return [`v.check(${format.check}, ${JSON.stringify(format.says)})`];
  }

  return {
    emit,
    constants: () => [...named].map(([name, code]) => `const ${name} = ${code};\n`).join("\n"),
    imports: () =>
      imports.size === 0 ? "" : `import { ${[...imports].sort().join(", ")} } from ${JSON.stringify(formats)};\n`,
  };
}

/** What a named schema is called in code; undefined for one without a name. */
export function constantName(schema) {
  const id = schema["x-parser-schema-id"];
  return id === undefined || id.startsWith("<anonymous") ? undefined : lowerFirst(id);
}

function pipe(parts, depth) {
  if (parts.length === 1) return parts[0];
  const oneLine = `v.pipe(${parts.join(", ")})`;
  if (!oneLine.includes("\n") && oneLine.length <= 100) return oneLine;
  const inner = "  ".repeat(depth + 1);
  return `v.pipe(\n${parts.map((part) => `${inner}${part},\n`).join("")}${"  ".repeat(depth)})`;
}
