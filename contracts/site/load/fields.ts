import { resolve, type Schema } from "./documents.ts";

/** One row of a payload table. */
export interface Field {
  /** Dotted, `[]` for items: `payload.workingHours[].start`. */
  path: string;
  name: string;
  depth: number;
  type: string;
  required: boolean;
  description: string;
  constraints: string[];
  personalData: boolean;
}

/** `date-time`, `string or null`, `object[]`. */
export function typeOf(document: object, node: Schema): string {
  const { anyOf, oneOf, items, type, format, ...schema } = resolve<Schema>(document, node);
  const choices = anyOf ?? oneOf;
  if (choices) return [...new Set(choices.map((choice) => typeOf(document, choice)))].join(" or ");
  if (items) return `${typeOf(document, items)}[]`;
  if (format) return format;
  if (type) return [type].flat().join(" or ");
  return schema.const === undefined ? "any" : typeof schema.const;
}

/** What a value must keep besides its type, in words. */
export function constraintsOf(schema: Schema): string[] {
  const range = (
    low: number | undefined,
    high: number | undefined,
    what: string,
  ): string[] => {
    if (low === undefined && high === undefined) return [];
    if (low === undefined) return [`at most ${high}${what}`];
    if (high === undefined) return [`at least ${low}${what}`];
    return [`${low} to ${high}${what}`];
  };
  return [
    ...(schema.const === undefined ? [] : [`always ${JSON.stringify(schema.const)}`]),
    ...(schema.enum
      ? [
        `one of ${schema.enum.map((value) => JSON.stringify(value)).join(", ")}`,
      ]
      : []),
    ...range(schema.minimum, schema.maximum, ""),
    ...range(schema.minLength, schema.maxLength, " characters"),
    ...range(schema.minItems, schema.maxItems, " items"),
    ...(schema.minProperties ? [`at least ${schema.minProperties} of them`] : []),
    ...(schema.pattern ? [`matches ${schema.pattern}`] : []),
    ...(schema.default === undefined ? [] : [`${JSON.stringify(schema.default)} where it is absent`]),
  ];
}

/** Every field of a schema, depth first, in the document's order; a schema inside itself is not entered again. */
export function listFields(document: object, schema: Schema, prefix = "", outer: Schema[] = []): Field[] {
  const top = resolve<Schema>(document, schema);
  const object = top.items ? resolve<Schema>(document, top.items) : top;
  if (outer.includes(object)) return [];
  const within = [...outer, object];
  return Object.entries(object.properties ?? {}).flatMap(([name, node]) => {
    const property = resolve<Schema>(document, node);
    const path = prefix ? `${prefix}.${name}` : name;
    const item = property.items && resolve<Schema>(document, property.items);
    const row: Field = {
      path,
      name,
      depth: outer.length,
      type: typeOf(document, property),
      required: object.required?.includes(name) ?? false,
      description: property.description ?? item?.description ?? "",
      constraints: constraintsOf(property),
      personalData: property["x-personal-data"] === true,
    };
    return [row, ...listFields(document, property, item ? `${path}[]` : path, within)];
  });
}
