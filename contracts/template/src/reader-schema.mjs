/** The envelope fields that every message has, and that every job may rely on. */
export const ENVELOPE = [
  "eventName",
  "aggregateId",
  "timestamp",
  "version",
  "payload",
];

/**
 * The part of a message's schema that a job relies on: the required envelope and the fields that it reads, each
 * required only where the producer requires it. It says nothing about other fields.
 * @param {any} schema the whole message's schema, without references
 * @param {readonly string[]} reads `actor` or `payload.doctorId`
 * @returns {any}
 */
export function readerSchema(schema, reads) {
  const payloadReads = reads.filter((field) => field.startsWith("payload."))
    .map((field) => field.slice(8));
  const envelope = select(schema, [
    ...ENVELOPE,
    ...reads.filter((field) => !field.startsWith("payload.")),
  ]);
  envelope.properties.payload = select(schema.properties.payload, payloadReads);
  return envelope;
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
