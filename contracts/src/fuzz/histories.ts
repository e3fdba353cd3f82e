import fc, { type Arbitrary } from "fast-check";
import type { SentEvent } from "../contract.ts";
import { type JsonObject, objectAt } from "../json.ts";
import { arbitrary } from "./arbitrary.ts";
import { encrypt, personalOf, plainFormsOf } from "./encrypted.ts";

/** An event before it is bytes. */
export interface Message {
  event: SentEvent;
  body: JsonObject;
  /** AMQP message_id; the deduplication key where the body has no eventId. */
  messageId: string;
  /** What the body says of the patient, encrypted; undefined in the plain form. */
  encrypted?: JsonObject;
}

const CREATED = "appointment.created";
const DOCTOR = "doctor.updated";
/** Of aggregates of their own. */
const ERASED = "patient.erased";
const UNREACHED = ["notification.failed", "patient.opted_out"];
const COMPLETED = "appointment.completed";
const REOPENED = "appointment.reopened";
/** What may come after an event, where that is not everything: a visit that was cancelled does not move. */
const FOLLOWED_BY: Record<string, string[]> = {
  "appointment.arrived": [COMPLETED, REOPENED],
  [COMPLETED]: [REOPENED],
  "appointment.cancelled": [],
  "appointment.no_show": [REOPENED],
};
const START = Date.UTC(2026, 0, 1);

/** Valid messages of a schema, made into a history: doctors first, then each appointment from its creation on. */
export interface Histories {
  doctors: Message[];
  /** One valid history of an appointment, of at most `longest` events. */
  appointment(longest: number): Message[];
  /** An erasure of appointments that no history has, so that it changes nothing that is expected of them. */
  erasure(): Message;
}

/** The same seed gives the same messages. */
export function createHistories(events: SentEvent[], seed: number, doctorCount: number): Histories {
  let drawn = 0;
  let seconds = 0;
  const draw = <T>(values: Arbitrary<T>): T =>
    fc.sample(values, { numRuns: 1, seed: seed * 1_000_003 + drawn++ })[0] as T;
  const named = (name: string) => {
    const versions = events.filter(({ eventName }) => eventName === name);
    const found = versions.length > 1 ? draw(fc.constantFrom(...versions)) : versions[0];
    if (!found) throw new Error(`the contract has no ${name}`);
    return found;
  };
  const anything = [...new Set(events.map(({ eventName }) => eventName))].filter((name) =>
    ![CREATED, DOCTOR, COMPLETED, REOPENED, ERASED, ...UNREACHED].includes(name)
  );

  function message(event: SentEvent, place: { aggregateId: string; version: number | undefined }): Message {
    const body = draw(arbitrary(event.payload)) as JsonObject;
    body.aggregateId = place.aggregateId;
    body.timestamp = new Date(START + ++seconds * 1000).toISOString();
    if (place.version === undefined) delete body.aggregateVersion;
    else body.aggregateVersion = place.version;
    const plain = plainFormsOf(event, events);
    const encrypted = plain.length > 0 ? drawPersonal(draw(fc.constantFrom(...plain))) : undefined;
    if (encrypted) objectAt(body, "payload").personalData = encrypt(body, encrypted);
    const messageId = typeof body.eventId === "string" ? body.eventId : draw(fc.uuid());
    return { event, body, messageId, ...(encrypted && { encrypted }) };
  }

  /** A change of the language alone has the plain form only. */
  function drawPersonal(plain: SentEvent): JsonObject {
    const values = arbitrary(plain.payload).map((body) => personalOf(plain, body as JsonObject));
    return draw(values.filter((personal) => Object.keys(personal).length > 0));
  }

  const ids = Array.from({ length: doctorCount }, (_, index) => `dr-${index}`);
  return {
    doctors: ids.map((aggregateId) => message(named(DOCTOR), { aggregateId, version: 1 })),
    erasure: () =>
      message(named(ERASED), { aggregateId: draw(fc.uuid()), version: draw(fc.boolean()) ? 1 : undefined }),
    appointment(longest) {
      const aggregateId = draw(fc.uuid());
      const versioned = draw(fc.boolean());
      const length = draw(fc.integer({ min: 1, max: longest }));
      const history: Message[] = [];
      for (let next = [CREATED]; next.length > 0 && history.length < length;) {
        const event = named(draw(fc.constantFrom(...next)));
        const made = message(event, { aggregateId, version: versioned ? history.length + 1 : undefined });
        for (const field of ["doctorId", "previousDoctorId"]) {
          const payload = made.body.payload as JsonObject;
          if (field in payload) payload[field] = draw(fc.constantFrom(...ids));
        }
        history.push(made);
        next = FOLLOWED_BY[event.eventName] ?? anything;
      }
      return history;
    },
  };
}
