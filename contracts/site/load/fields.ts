import { type Document, resolve, type Schema } from "./documents.ts";

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

function typeOf(document: Document, schema: Schema): string {
  if (schema.type === "array" && schema.items) {
    return `${typeOf(document, resolve<Schema>(document, schema.items))}[]`;
  }
  return schema.format ?? schema.type ?? "any";
}

function constraintsOf(schema: Schema): string[] {
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
  ];
}

/** Every field of a schema, depth first, in the document's order. */
export function listFields(
  document: Document,
  schema: Schema,
  prefix = "",
  depth = 0,
): Field[] {
  const object = resolve<Schema>(document, schema);
  return Object.entries(object.properties ?? {}).flatMap(([name, node]) => {
    const property = resolve<Schema>(document, node);
    const path = prefix ? `${prefix}.${name}` : name;
    const item = property.items && resolve<Schema>(document, property.items);
    const row: Field = {
      path,
      name,
      depth,
      type: typeOf(document, property),
      required: object.required?.includes(name) ?? false,
      description: property.description ?? item?.description ?? "",
      constraints: constraintsOf(property),
      personalData: property["x-personal-data"] === true,
    };
    const inner = item
      ? listFields(document, item, `${path}[]`, depth + 1)
      : listFields(document, property, path, depth + 1);
    return [row, ...inner];
  });
}
