import { propertyKey } from "./literal.mjs";
import { constantName } from "./valibot.mjs";

const KEYWORDS = ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"];

/**
 * What the contract demands of a field wherever it has that name, as constants: for doors that say in their own words what
 * they refuse. A name that means different things in different places is left out; a format is a function of its own.
 */
export function renderFieldLimits(schemas) {
  const found = new Map();
  for (const schema of schemas) collect(schema, undefined, found);
  const fields = [...found].filter(([, all]) => all.size === 1)
    .map(([name, [limits]]) => `  ${propertyKey(name)}: { ${limits} },\n`);
  return `/** By the contract's name of a field, what its values have to be. */
export const fieldLimits = {
${fields.join("")}} as const;
`;
}

function collect(schema, property, found) {
  const limits = [
    ...(schema.pattern === undefined ? [] : [`pattern: ${new RegExp(schema.pattern, "u")}`]),
    ...KEYWORDS.filter((keyword) => schema[keyword] !== undefined).map((keyword) => `${keyword}: ${schema[keyword]}`),
  ];
  const name = constantName(schema) ?? property;
  if (name !== undefined && limits.length > 0) {
    found.set(name, (found.get(name) ?? new Set()).add(limits.join(", ")));
  }
  for (const [key, value] of Object.entries(schema.properties ?? {})) collect(value, key, found);
  if (schema.items) collect(schema.items, undefined, found);
}
