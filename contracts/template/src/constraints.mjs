/** What says nothing about which values are valid. */
const ANNOTATIONS = new Set(["$id", "title", "description", "examples", "deprecated", "default"]);

const NUMBER_KEYWORDS = ["const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

/** The keywords that each type may carry; any other one stops the generation rather than being lost. */
const KEYWORDS = {
  string: ["const", "enum", "format", "pattern", "minLength", "maxLength"],
  integer: NUMBER_KEYWORDS,
  number: NUMBER_KEYWORDS,
  boolean: ["const"],
  array: ["items", "minItems", "maxItems"],
  object: ["properties", "required", "additionalProperties", "minProperties", "maxProperties"],
};

/** The one type of a schema, and whether null is allowed besides. */
export function typeOf(schema, where) {
  const types = [schema.type].flat();
  const [type, ...others] = types.filter((name) => name !== "null");
  if (others.length > 0 || !(type in KEYWORDS)) {
    throw new Error(`${where}: unsupported type ${JSON.stringify(schema.type)}`);
  }
  return { type, nullable: types.includes("null") };
}

export function checkKeywords(schema, type, where) {
  for (const keyword of Object.keys(schema)) {
    if (keyword === "type" || keyword.startsWith("x-") || ANNOTATIONS.has(keyword)) continue;
    if (!KEYWORDS[type].includes(keyword)) throw new Error(`${where}: unsupported keyword ${keyword} on type ${type}`);
  }
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
    throw new Error(`${where}: additionalProperties may only be false`);
  }
  if (schema.const !== undefined && schema.enum !== undefined) {
    throw new Error(`${where}: const and enum exclude each other`);
  }
}

/** A literal or picklist, where the schema names its values one by one. */
export function fixedValues({ const: only, enum: values }) {
  if (only !== undefined) return `v.literal(${JSON.stringify(only)})`;
  const options = values?.filter((value) => value !== null).map((value) => JSON.stringify(value));
  return options === undefined ? undefined : `v.picklist([${options.join(", ")}])`;
}

export function numberActions(schema) {
  return [
    ...action("minValue", schema.minimum),
    ...action("maxValue", schema.maximum),
    ...action("gtValue", schema.exclusiveMinimum),
    ...action("ltValue", schema.exclusiveMaximum),
    ...action("multipleOf", schema.multipleOf),
  ];
}

export function arrayActions(schema) {
  return [...action("minLength", schema.minItems), ...action("maxLength", schema.maxItems)];
}

function action(name, value) {
  return value === undefined ? [] : [`v.${name}(${value})`];
}

/** JSON Schema counts code points where valibot's minLength and maxLength count UTF-16 units. */
export function lengthActions({ minLength, maxLength }) {
  const atLeast = minLength === 1 ? "must not be empty" : `must have at least ${minLength} characters`;
  return [
    ...(minLength === undefined ? [] : [`v.check((text) => [...text].length >= ${minLength}, "${atLeast}")`]),
    ...(maxLength === undefined
      ? []
      : [`v.check((text) => [...text].length <= ${maxLength}, "must have at most ${maxLength} characters")`]),
  ];
}

/** A field that is present with the value undefined is absent once it is JSON. */
export function fieldCountActions({ minProperties, maxProperties }) {
  const count = "Object.values(fields).filter((field) => field !== undefined).length";
  const check = (operator, limit, says) =>
    limit === undefined
      ? []
      : [`v.check((fields) => ${count} ${operator} ${limit}, "must have at ${says} ${limit} of its fields")`];
  return [...check(">=", minProperties, "least"), ...check("<=", maxProperties, "most")];
}
