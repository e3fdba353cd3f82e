import { createSecretKey } from "node:crypto";
import { MatchersV3 } from "@pact-foundation/pact";
import { CompactEncrypt } from "jose";
import type { FindKeys } from "../../src/patient-keys/key-reader.ts";
import { appointmentId, exampleEventId } from "./expected-fields.ts";

const kid = "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4bff";
const bytes = new Uint8Array(32).map((_, place) => place);
const key = createSecretKey(bytes);

/** The key of the examples; nobody's in earnest. */
export const findExampleKeys: FindKeys = () => Promise.resolve(new Map([[kid, key]]));

let examples = 0;

/** Whatever a JWE looks like, with an example that is the same each time: hence its own initialisation vector. */
async function encrypted(eventName: string, fields: Record<string, string>) {
  const vector = new Uint8Array(12).fill(++examples);
  const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(fields)))
    .setProtectedHeader({
      alg: "dir",
      enc: "A256GCM",
      kid,
      eventId: exampleEventId,
      eventName,
      aggregateId: appointmentId,
    })
    .setInitializationVector(vector)
    .encrypt(bytes);
  return MatchersV3.regex("^[A-Za-z0-9_.-]+$", jwe);
}

const address = { patientEmail: "ada@example.org" };
const number = { patientPhone: "+4930123456" };
const everything = { ...address, ...number, patientName: "Ada King" };

export const createdFor = {
  address: await encrypted("appointment.created", address),
  everything: await encrypted("appointment.created", everything),
};
export const changedTo = {
  number: await encrypted("appointment.contact_changed", number),
  address: await encrypted("appointment.contact_changed", address),
  everything: await encrypted("appointment.contact_changed", everything),
};
