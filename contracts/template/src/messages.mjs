import { literal } from "./literal.mjs";

/** What the generated code needs of a message; its id (`appointmentCreated`) names it in code. */
export function describeMessage(message) {
  const schema = message.payload().json();
  const { eventName, version } = schema.properties;
  if (eventName.const !== message.name()) {
    throw new Error(
      `message ${message.id()} is named ${message.name()}, its eventName is ${eventName.const}`,
    );
  }
  return {
    id: message.id(),
    eventName: eventName.const,
    version: version.const,
    schema,
  };
}

export function renderEventNames(events) {
  const names = Object.fromEntries(
    events.map((event) => [event.id, event.eventName]),
  );
  const versions = Object.fromEntries(
    events.map((event) => [event.eventName, event.version]),
  );
  return {
    names: `export const eventNames = ${literal(names)} as const;\n`,
    versions: `/** The version of each event's schema. */
export const eventVersions: Record<EventName, number> = ${literal(versions)};\n`,
  };
}
