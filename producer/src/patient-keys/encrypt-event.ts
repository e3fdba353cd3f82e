import { compactDecrypt, CompactEncrypt, decodeProtectedHeader } from "jose";
import { requireContract, type SealedEvent } from "../domain/seal-event.ts";
import { encryptedForms } from "../generated/events.ts";
import type { PatientKey } from "./key-store.ts";

type Fields = Record<string, unknown>;

/** What the contract calls personal of what an event says; undefined where it says nothing of that. */
export function personalOf({ eventName, payload }: SealedEvent): Fields | undefined {
  const fields = encryptedForms[eventName]?.fields ?? [];
  const personal = Object.entries(payload).filter(([name, value]) => fields.includes(name) && value !== undefined);
  return personal.length === 0 ? undefined : Object.fromEntries(personal);
}

/** The event in the form whose personal fields are encrypted, bound to this event and no other. */
export async function encryptEvent(event: SealedEvent, { kid, key }: PatientKey): Promise<SealedEvent> {
  const { eventId, eventName, aggregateId } = event;
  const form = encryptedForms[eventName];
  const personal = personalOf(event);
  if (!form || !personal) return event;
  const personalData = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(personal)))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid, eventId, eventName, aggregateId })
    .encrypt(key);
  const rest = Object.fromEntries(Object.entries(event.payload).filter(([name]) => !form.fields.includes(name)));
  return requireContract(eventName, { ...event, version: form.version, payload: { personalData, ...rest } });
}

/** The key that a body needs, if any. */
export function keyNeededBy(body: string): string | undefined {
  const { payload } = JSON.parse(body) as { payload: Fields };
  const { personalData } = payload;
  if (typeof personalData !== "string" || !personalData.includes(".")) return undefined;
  const { kid } = decodeProtectedHeader(personalData);
  return kid;
}

/** The body with what it says openly; as it is where it is plain, or where its key is gone. */
export async function openBody(body: string, keys: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const kid = keyNeededBy(body);
  const key = kid === undefined ? undefined : keys.get(kid);
  if (!key) return body;
  const event = JSON.parse(body) as { payload: Fields };
  const { personalData, ...rest } = event.payload;
  const { plaintext } = await compactDecrypt(String(personalData), key);
  const personal = JSON.parse(new TextDecoder().decode(plaintext)) as Fields;
  return JSON.stringify({ ...event, payload: { ...personal, ...rest } });
}
