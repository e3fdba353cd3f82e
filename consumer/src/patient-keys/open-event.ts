import type { KeyObject } from "node:crypto";
import type { Envelope } from "../delivery/message.ts";
import { PermanentError } from "../delivery/permanent-error.ts";
import { encryptedForms, type EventName } from "../generated/events.ts";
import { decryptJwe, type Jwe, readJwe } from "./jwe.ts";
import type { PatientKey } from "./key-reader.ts";

/** An event of which the job reads what is encrypted. */
export type Encrypted = Envelope & { payload: { personalData: string } & Record<string, unknown> };

export function isEncrypted(event: Envelope): event is Encrypted {
  const { payload } = event as { payload?: { personalData?: unknown } };
  return typeof payload?.personalData === "string";
}

/** What stands in the place of a ciphertext, and of an address, once the patient is erased (asyncapi.yaml). */
const erasedData = "erased";
const erased = { patientEmail: "erased@erased.invalid" };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const malformed = (options?: ErrorOptions) =>
  new PermanentError("malformed-ciphertext", "payload.personalData is not a JWE as the contract describes it", options);

function jweOf({ payload: { personalData } }: Encrypted): Jwe {
  try {
    return readJwe(personalData);
  } catch (cause) {
    throw malformed({ cause });
  }
}

/** The key that an event needs; undefined where its patient was erased. Throws a PermanentError for what is no JWE. */
export function keyNeededBy(event: Encrypted): string | undefined {
  if (event.payload.personalData === erasedData) return undefined;
  const { kid } = jweOf(event).header;
  // What is no id of ours is not quoted, and no question to the database.
  if (typeof kid !== "string" || !uuid.test(kid)) {
    throw new PermanentError("unknown-key", "its kid is not the id of a key");
  }
  return kid;
}

function decrypt(jwe: Jwe, key: KeyObject): Uint8Array {
  try {
    return decryptJwe(jwe, key);
  } catch (cause) {
    const message = "payload.personalData was changed, or encrypted under another key than it says";
    throw new PermanentError("tampered-ciphertext", message, { cause });
  }
}

/** Each of these is in the protected header, so that nobody can put a ciphertext into another event. */
const bound = ["eventId", "eventName", "aggregateId"] as const;

function parse(plaintext: Uint8Array): Record<string, unknown> {
  try {
    const fields: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plaintext));
    if (typeof fields === "object" && fields !== null) return fields as Record<string, unknown>;
  } catch (cause) {
    throw malformed({ cause });
  }
  throw malformed();
}

function personalOf(event: Encrypted, key: KeyObject): Record<string, unknown> {
  const jwe = jweOf(event);
  const plaintext = decrypt(jwe, key);
  const differing = bound.filter((name) => jwe.header[name] !== event[name]);
  if (differing.length > 0) {
    const message = `payload.personalData was encrypted for another event: its ${differing.join(" and ")} differ`;
    throw new PermanentError("foreign-ciphertext", message);
  }
  // Nothing else that it says counts: what is plain stands in the event, and was validated.
  const { fields } = encryptedForms[event.eventName as EventName]!;
  return Object.fromEntries(Object.entries(parse(plaintext)).filter(([name]) => fields.includes(name)));
}

/**
 * The event as the plain form would have said it, still to be validated: one candidate for each version that the
 * encrypted form stands for. Of an erased patient it says what an event that is told again says.
 */
export function openEvent(event: Encrypted, key: PatientKey | Error | undefined): Envelope[] {
  const { plainVersions } = encryptedForms[event.eventName as EventName]!;
  const { personalData, ...rest } = event.payload;
  const isErased = personalData === erasedData || key === "destroyed";
  if (!isErased && key === undefined) {
    throw new PermanentError("unknown-key", `no key is known as ${keyNeededBy(event)}`);
  }
  if (key instanceof Error) throw key;
  const personal = isErased ? erased : personalOf(event, key as KeyObject);
  const payload = { ...rest, ...personal };
  return plainVersions.map((version) => ({ ...event, version, payload }) as Envelope);
}
