import { propertyKey } from "./literal.js";
import { lowerFirst } from "./naming.js";

const FORMATS = {
  "date-time": {
    check: "isDateTime",
    says: "must be an RFC 3339 date-time with offset",
  },
  date: { check: "isDate", says: "must be an RFC 3339 date" },
  uuid: { check: "isUuid", says: "must be a UUID" },
  email: { check: "isEmail", says: "must be an e-mail address" },
};

const ANNOTATIONS = new Set([
  "$id",
  "title",
  "description",
  "examples",
  "deprecated",
  "default",
]);

/** The keywords that each type may carry; any other one stops the generation rather than being lost. */
const KEYWORDS = {
  string: ["const", "enum", "format", "pattern", "minLength", "maxLength"],
  integer: [
    "const",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
  ],
  number: [
    "const",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
  ],
  boolean: ["const", "enum"],
  array: ["items", "minItems", "maxItems"],
  object: [
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
  ],
};

/**
 * Emits valibot code for JSON Schemas. `strict` refuses undeclared fields, otherwise they are dropped. Named schemas
 * become constants, formats become imports; both are collected here in the order of their first use.
 */
export function createValibotEmitter({ strict }) {
  const named = new Map();
  const imports = new Set();
  const objectFunction = strict ? "v.strictObject" : "v.object";

  function emit(schema, where, depth = 0) {
    const name = constantName(schema);
    if (name === undefined) return emitInline(schema, where, depth);
    const code = emitInline(schema, where, 0);
    if ((named.get(name) ?? code) !== code) {
      throw new Error(`${where}: two different schemas are named ${name}`);
    }
    named.set(name, code);
    return name;
  }

  function emitInline(schema, where, depth) {
    const [type, nullable] = typeOf(schema, where);
    checkKeywords(schema, type, where);
    const [base, ...actions] = emitters[type](schema, where, depth);
    const code = actions.length === 0 ? base : pipe([base, ...actions], depth);
    return nullable ? `v.nullable(${code})` : code;
  }

  const emitters = {
    boolean: (schema) => [fixedValues(schema) ?? "v.boolean()"],
    integer: (schema) =>
      fixedOr(schema, () => ["v.number()", "v.integer()", ...bounds(schema)]),
    number: (schema) =>
      fixedOr(schema, () => ["v.number()", "v.finite()", ...bounds(schema)]),
    string: (schema, where) =>
      fixedOr(schema, () => ["v.string()", ...stringActions(schema, where)]),
    array: (schema, where, depth) => {
      const items = schema.items === undefined
        ? "v.unknown()"
        : emit(schema.items, `${where}/items`, depth);
      return [
        `v.array(${items})`,
        ...action("minLength", schema.minItems),
        ...action("maxLength", schema.maxItems),
      ];
    },
    object: (schema, where, depth) => {
      const actionCount = fieldCounts(schema);
      const inner = depth + (actionCount.length === 0 ? 1 : 2);
      const required = new Set(schema.required ?? []);
      const lines = Object.entries(schema.properties ?? {}).map(
        ([key, property]) => {
          required.delete(key);
          const code = emit(property, `${where}/properties/${key}`, inner);
          const value = schema.required?.includes(key)
            ? code
            : `v.optional(${code})`;
          return `${"  ".repeat(inner)}${propertyKey(key)}: ${value},\n`;
        },
      );
      if (required.size > 0) {
        throw new Error(
          `${where}: required but not described: ${[...required].join(", ")}`,
        );
      }
      const base = lines.length === 0
        ? `${objectFunction}({})`
        : `${objectFunction}({\n${lines.join("")}${"  ".repeat(inner - 1)}})`;
      return [base, ...actionCount];
    },
  };

  function stringActions(schema, where) {
    const format = schema.format === undefined
      ? undefined
      : FORMATS[schema.format];
    if (schema.format !== undefined && format === undefined) {
      throw new Error(`${where}: no check for the format ${schema.format}`);
    }
    if (format !== undefined) imports.add(format.check);
    return [
      ...(format === undefined
        ? []
        : [`v.check(${format.check}, ${JSON.stringify(format.says)})`]),
      ...(schema.pattern === undefined
        ? []
        : [`v.regex(${new RegExp(schema.pattern, "u")})`]),
      ...(schema.minLength === undefined
        ? []
        : [codePoints(">=", schema.minLength, atLeast(schema.minLength))]),
      ...(schema.maxLength === undefined ? [] : [
        codePoints(
          "<=",
          schema.maxLength,
          `must have at most ${schema.maxLength} characters`,
        ),
      ]),
    ];
  }

  return {
    emit,
    constants: () =>
      [...named].map(([name, code]) => `const ${name} = ${code};\n`).join("\n"),
    imports: () =>
      imports.size === 0
        ? ""
        : `import { ${
          [...imports].sort().join(", ")
        } } from "../formats.ts";\n`,
  };
}

function constantName(schema) {
  const id = schema["x-parser-schema-id"];
  return id === undefined || id.startsWith("<anonymous")
    ? undefined
    : lowerFirst(id);
}

function typeOf(schema, where) {
  const types = [schema.type].flat();
  const [type, ...others] = types.filter((name) => name !== "null");
  if (others.length > 0 || !(type in KEYWORDS)) {
    throw new Error(
      `${where}: unsupported type ${JSON.stringify(schema.type)}`,
    );
  }
  return [type, types.length === 2];
}

function checkKeywords(schema, type, where) {
  for (const keyword of Object.keys(schema)) {
    if (
      keyword === "type" || keyword.startsWith("x-") || ANNOTATIONS.has(keyword)
    ) continue;
    if (!KEYWORDS[type].includes(keyword)) {
      throw new Error(
        `${where}: unsupported keyword ${keyword} on type ${type}`,
      );
    }
  }
  if (
    schema.additionalProperties !== undefined &&
    schema.additionalProperties !== false
  ) {
    throw new Error(`${where}: additionalProperties may only be false`);
  }
}

function fixedOr(schema, others) {
  const fixed = fixedValues(schema);
  return fixed === undefined ? others() : [fixed];
}

function fixedValues({ const: only, enum: values }) {
  if (only !== undefined) return `v.literal(${JSON.stringify(only)})`;
  return values === undefined
    ? undefined
    : `v.picklist(${JSON.stringify(values).replaceAll(",", ", ")})`;
}

function atLeast(length) {
  return length === 1
    ? "must not be empty"
    : `must have at least ${length} characters`;
}

function bounds(schema) {
  return [
    ...action("minValue", schema.minimum),
    ...action("maxValue", schema.maximum),
    ...action("gtValue", schema.exclusiveMinimum),
    ...action("ltValue", schema.exclusiveMaximum),
    ...action("multipleOf", schema.multipleOf),
  ];
}

function action(name, value) {
  return value === undefined ? [] : [`v.${name}(${value})`];
}

/** JSON Schema counts code points where valibot's minLength and maxLength count UTF-16 units. */
function codePoints(operator, length, says) {
  return `v.check((text) => [...text].length ${operator} ${length}, ${
    JSON.stringify(says)
  })`;
}

/** A field that is present with the value undefined is absent once it is JSON. */
function fieldCounts({ minProperties, maxProperties }) {
  const present =
    "(fields) => Object.values(fields).filter((field) => field !== undefined).length";
  return [
    ...(minProperties === undefined ? [] : [
      `v.check(${present} >= ${minProperties}, "must have at least ${minProperties} of its fields")`,
    ]),
    ...(maxProperties === undefined ? [] : [
      `v.check(${present} <= ${maxProperties}, "must have at most ${maxProperties} of its fields")`,
    ]),
  ];
}

function pipe(parts, depth) {
  const oneLine = `v.pipe(${parts.join(", ")})`;
  if (!oneLine.includes("\n") && oneLine.length <= 100) return oneLine;
  const inner = "  ".repeat(depth + 1);
  return `v.pipe(\n${parts.map((part) => `${inner}${part},\n`).join("")}${
    "  ".repeat(depth)
  })`;
}
