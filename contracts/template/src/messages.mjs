import { literal } from "./literal.mjs";

/** What the generated code needs of a message; its id (`appointmentCreated`) names it in code. */
export function describeMessage(message, { envelope }) {
  const schema = message.payload().json();
  const eventName = envelope ? schema.properties[envelope.name].const : message.name();
  if (eventName !== message.name()) {
    throw new Error(
      `message ${message.id()} is named ${message.name()}, its ${envelope.name} is ${eventName}`,
    );
  }
  return {
    id: message.id(),
    eventName,
    version: envelope ? schema.properties[envelope.version].const : 1,
    schema,
    encrypts: message.extensions().get("x-encrypts")?.value() ?? [],
  };
}

/** For each event that has one, its form whose personal fields are encrypted: its version, and what it stands for. */
export function encryptedForms(messages) {
  const forms = messages.filter(({ encrypts }) => encrypts.length > 0).map(({ eventName, version, encrypts }) => {
    const plain = messages.filter(({ id }) => encrypts.includes(id));
    const fields = plain.flatMap(({ schema }) => personalFields(schema.properties.payload));
    return [eventName, { version, plainVersions: plain.map((one) => one.version), fields: [...new Set(fields)] }];
  });
  return Object.fromEntries(forms);
}

function personalFields({ properties }) {
  return Object.keys(properties).filter((name) => properties[name]["x-personal-data"] === true);
}

/** By name: an event has a message for each of its versions, the oldest first. */
export function groupByEvent(messages) {
  const groups = new Map();
  for (const message of messages) {
    groups.set(message.eventName, [...groups.get(message.eventName) ?? [], message]);
  }
  return [...groups.values()].map((versions) => versions.sort((one, other) => one.version - other.version));
}

/** The schema of an event is that of its one version, or a choice among several by `version`. */
export function anyVersion(schemaNames, envelope) {
  if (schemaNames.length === 1) return schemaNames[0];
  return `v.variant(${JSON.stringify(envelope.version)}, [${schemaNames.join(", ")}])`;
}

/** The oldest version's id names the event in code. */
export function renderEventNames(messages) {
  const events = groupByEvent(messages);
  const names = Object.fromEntries(events.map(([first]) => [first.id, first.eventName]));
  const versions = (index) =>
    literal(Object.fromEntries(events.map((all) => [all[0].eventName, all.at(index).version])));
  return {
    names: `export const eventNames = ${literal(names)} as const;\n`,
    oldest: `/** The oldest version of each event that its schema takes. */
export const oldestVersions: Record<EventName, number> = ${versions(0)};\n`,
    newest: `/** The newest version of each event's schema. */
export const eventVersions: Record<EventName, number> = ${versions(-1)};\n`,
  };
}
