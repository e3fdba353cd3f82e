import { Buffer } from "node:buffer";
import { createCipheriv, createHash } from "node:crypto";
import type { SentEvent } from "../contract.ts";
import { arrayAt, entriesAt, type Json, type JsonObject, objectAt, textAt } from "../json.ts";

/** A patient's key, and the master key that wraps it: nobody's in earnest. */
const patientKey = { kid: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4bff", key: Buffer.alloc(32, 1) };
const master = { id: "fuzz", key: Buffer.alloc(32, 2) };

/** What a consumer is given so that it can read what is encrypted here. */
export const masterKey = `${master.id}:${master.key.toString("base64url")}`;
export const keyRow = {
  kid: patientKey.kid,
  wrapped: jwe({ kid: master.id, wraps: patientKey.kid }, patientKey.key, master.key),
};

/** A JWE of RFC 7516 with `dir` and A256GCM, written without the services' library; the same bytes for the same input. */
function jwe(header: Record<string, Json>, plaintext: Uint8Array, key: Uint8Array): string {
  const spelled = Buffer.from(JSON.stringify({ alg: "dir", enc: "A256GCM", ...header })).toString("base64url");
  const vector = createHash("sha256").update(spelled).update(plaintext).digest().subarray(0, 12);
  const cipher = createCipheriv("aes-256-gcm", key, vector).setAAD(Buffer.from(spelled));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const parts = [vector, ciphertext, cipher.getAuthTag()].map((part) => part.toString("base64url"));
  return [spelled, "", ...parts].join(".");
}

/** The messages that an encrypted form stands for; none of a plain one. */
export function plainFormsOf({ message }: SentEvent, events: SentEvent[]): SentEvent[] {
  const ids = arrayAt(message, "x-encrypts").map(String);
  return events.filter(({ id }) => ids.includes(id));
}

/** What the plain form says of the patient. */
export function personalOf(plain: SentEvent, body: JsonObject): JsonObject {
  const described = entriesAt(plain.payload, "properties", "payload", "properties");
  const personal = described.filter(([, field]) => (field as JsonObject)["x-personal-data"] === true);
  const payload = objectAt(body, "payload");
  return Object.fromEntries(personal.flatMap(([name]) => name in payload ? [[name, payload[name] as Json]] : []));
}

/** The value of `payload.personalData` in this event. */
export function encrypt(body: JsonObject, personal: JsonObject): string {
  const bound = Object.fromEntries(["eventId", "eventName", "aggregateId"].map((name) => [name, textAt(body, name)]));
  return jwe({ kid: patientKey.kid, ...bound }, Buffer.from(JSON.stringify(personal)), patientKey.key);
}
