import { Buffer } from "node:buffer";
import { createCipheriv, randomBytes, randomUUID } from "node:crypto";
import postgres from "postgres";

const master = randomBytes(32);
/** The value of PATIENT_KEYS_MASTER. */
export const masterKey = `bench:${master.toString("base64url")}`;

interface Key {
  kid: string;
  key: Buffer;
}

type Event = { eventId: string; eventName: string; aggregateId: string; payload: Record<string, unknown> };

/** A JWE with `dir` and A256GCM, written here so that no library's time is in what is prepared. */
function jwe(header: object, plaintext: Uint8Array, key: Uint8Array): string {
  const spelled = Buffer.from(JSON.stringify({ alg: "dir", enc: "A256GCM", ...header })).toString("base64url");
  const vector = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, vector).setAAD(Buffer.from(spelled));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return [spelled, "", ...[vector, ciphertext, cipher.getAuthTag()].map((part) => part.toString("base64url"))].join(
    ".",
  );
}

/** So many patients' keys, in the table as the producer makes it. */
export async function makeKeys(url: string, count: number): Promise<Key[]> {
  const keys = Array.from({ length: count }, () => ({ kid: randomUUID(), key: randomBytes(32) }));
  const wrapped = keys.map(({ kid, key }) => jwe({ kid: "bench", wraps: kid }, key, master));
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`create table if not exists patient_keys (kid uuid primary key, patient text, wrapped text, master text)`;
  await sql`
    insert into patient_keys (kid, wrapped)
    select * from unnest(${keys.map(({ kid }) => kid)}::uuid[], ${wrapped}::text[])`;
  await sql.end();
  return keys;
}

/** The encrypted form of a booking with an address. */
export function encrypted(event: Event, { kid, key }: Key): object {
  const { eventId, eventName, aggregateId } = event;
  const { patientEmail, ...rest } = event.payload;
  const plaintext = Buffer.from(JSON.stringify({ patientEmail }));
  const personalData = jwe({ kid, eventId, eventName, aggregateId }, plaintext, key);
  return { ...event, version: 3, payload: { personalData, ...rest } };
}
