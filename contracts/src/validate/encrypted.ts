import { type Contract, PRODUCER_DOCUMENT, type SentEvent, sentEvents } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { arrayAt, at, type Json, type JsonObject, objectAt, type Path } from "../json.ts";

/** On a message: the plain messages that it stands for, without what `x-personal-data` marks in them. */
const ENCRYPTS = "x-encrypts";
/** The property that has what is marked. */
const PERSONAL = "personalData";

/** An encrypted form says all that the plain ones say, and openly nothing of what they mark. */
export function encryptionProblems(contract: Contract): Problem[] {
  const events = sentEvents(contract);
  return events.flatMap((event) => {
    const ids = arrayAt(event.message, ENCRYPTS).map(String);
    if (ids.length === 0) return forgottenProblems(event, events);
    const plain = events.filter(({ id, eventName }) => ids.includes(id) && eventName === event.eventName);
    const unknown = ids.filter((id) => !plain.some((one) => one.id === id));
    return [
      ...unknown.map((id) => problem(event, [ENCRYPTS], `names ${id}, which is not a message of ${event.eventName}`)),
      ...formProblems(event, plain),
    ];
  });
}

/** Who has an encrypted form has one for each version, or a part of the patients would be told of in the clear. */
function forgottenProblems(event: SentEvent, events: SentEvent[]): Problem[] {
  const forms = events.filter(({ eventName, message }) =>
    eventName === event.eventName && arrayAt(message, ENCRYPTS).length > 0
  );
  const isForgotten = forms.length > 0 && fieldsOf(event).some(([, field]) => isPersonal(field)) &&
    !forms.some(({ message }) => arrayAt(message, ENCRYPTS).includes(event.id));
  return isForgotten
    ? [problem(event, [], `has personal data, and no ${ENCRYPTS} of ${event.eventName} names ${event.id}`)]
    : [];
}

function formProblems(event: SentEvent, plain: SentEvent[]): Problem[] {
  const own = new Map(fieldsOf(event));
  const open = new Map(plain.flatMap(fieldsOf).filter(([, field]) => !isPersonal(field)));
  const marked = new Set(plain.flatMap(fieldsOf).filter(([, field]) => isPersonal(field)).map(([name]) => name));
  const required = requiredOf(event);
  const alwaysThere = [...open.keys()].filter((name) => plain.every((one) => requiredOf(one).includes(name)));
  const inPayload = (reason: string) => problem(event, ["payload", "properties", "payload"], reason);
  return [
    ...[...own.keys()].filter((name) => marked.has(name)).map((name) => inPayload(`says ${name} openly`)),
    ...[...open.keys()].filter((name) => !own.has(name)).map((name) => inPayload(`lacks ${name}, which is not marked`)),
    ...[...own.keys()].filter((name) => name !== PERSONAL && !open.has(name) && !marked.has(name))
      .map((name) => inPayload(`has ${name}, which no plain form has`)),
    ...[...alwaysThere, PERSONAL].filter((name) => !required.includes(name))
      .map((name) => inPayload(`does not require ${name}`)),
    ...(arrayAt(event.payload, "required").includes("eventId")
      ? []
      : [problem(event, ["payload"], "does not require eventId, to which the ciphertext is bound")]),
  ];
}

function fieldsOf({ payload }: SentEvent): [string, Json][] {
  return Object.entries(objectAt(payload, "properties", "payload", "properties"));
}

function requiredOf({ payload }: SentEvent): string[] {
  return arrayAt(payload, "properties", "payload", "required").map(String);
}

function isPersonal(field: Json): boolean {
  return at(field as JsonObject, "x-personal-data") === true;
}

function problem(event: SentEvent, path: Path, reason: string): Problem {
  return { document: PRODUCER_DOCUMENT, path: [...event.path, ...path], reason };
}
