/**
 * The part of a message's schema that a job relies on: the required envelope and the fields that it reads, each
 * required only where the producer requires it. It says nothing about other fields.
 * @param {any} schema the whole message's schema, without references
 * @param {readonly string[]} reads `actor` or `payload.doctorId`
 * @param {{ payload: string, fields: readonly string[] } | undefined} envelope as in contracts.config.ts
 * @returns {any}
 */
export function readerSchema(schema, reads, envelope) {
  if (envelope === undefined) return select(schema, reads);
  const { payload, fields } = envelope;
  const isInside = (/** @type {string} */ field) => field.startsWith(`${payload}.`);
  const selected = select(schema, [...fields, ...reads.filter((field) => !isInside(field))]);
  const inside = reads.filter(isInside).map((field) => field.slice(payload.length + 1));
  selected.properties[payload] = select(schema.properties[payload], inside);
  return selected;
}

/**
 * @param {any} schema
 * @param {readonly string[]} fields
 */
function select(schema, fields) {
  const isRead = (/** @type {string} */ field) => fields.includes(field);
  return {
    type: "object",
    required: (schema.required ?? []).filter(isRead),
    properties: Object.fromEntries(
      Object.entries(schema.properties ?? {}).filter(([field]) => isRead(field)),
    ),
  };
}
