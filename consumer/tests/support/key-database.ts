import { randomBytes, randomUUID } from "node:crypto";
import { CompactEncrypt } from "jose";
import type { Sql } from "postgres";
import { createKeyReader } from "../../src/patient-keys/key-reader.ts";
import { createUnwrap } from "../../src/patient-keys/master-keys.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { testServer, uniqueName } from "./test-servers.ts";

export interface KeyDatabase {
  url: string;
  sql: Sql;
  /** Another patient's key; answers its id. */
  addKey(): Promise<string>;
  /** What the producer does when it erases the patient. */
  destroy(kid: string): Promise<void>;
  /** The encrypted form of an event, as the contract describes it. */
  encrypt(kid: string, event: PlainEvent, bound?: Partial<PlainEvent>): Promise<PlainEvent>;
  /** The value of PATIENT_KEYS_MASTER. */
  masters: string;
  /** Reads by a clock that the test sets. */
  findKeys(elapsedMs?: () => number): ReturnType<typeof createKeyReader>;
  drop(): Promise<void>;
}

export interface PlainEvent extends Record<string, unknown> {
  eventId: string;
  eventName: string;
  aggregateId: string;
  payload: Record<string, unknown>;
}

const versions: Record<string, number> = { "appointment.created": 3, "appointment.contact_changed": 2 };
const personalFields = ["patientEmail", "patientPhone", "patientName"];

/** A database of patients' keys, with the part of the producer's table that a reader knows. */
export async function createKeyDatabase(): Promise<KeyDatabase> {
  const name = uniqueName("consumer_keys");
  const admin = connectPostgres(testServer("TEST_DATABASE_URL"), { max: 1 });
  await admin`create database ${admin(name)}`;
  const address = new URL(testServer("TEST_DATABASE_URL"));
  address.pathname = `/${name}`;
  const sql = connectPostgres(address.href, { max: 2 });
  await sql`create table patient_keys (kid uuid primary key, wrapped text, master text)`;

  const master = randomBytes(32);
  const keys = new Map<string, Uint8Array>();
  return {
    url: address.href,
    sql,
    masters: `test:${master.toString("base64url")}`,
    findKeys: (elapsedMs = () => performance.now()) =>
      createKeyReader({ sql, unwrap: createUnwrap([{ id: "test", key: master }]), elapsedMs }),
    async addKey() {
      const kid = randomUUID();
      const key = randomBytes(32);
      keys.set(kid, key);
      const header = { alg: "dir", enc: "A256GCM", kid: "test", wraps: kid };
      const wrapped = await new CompactEncrypt(key).setProtectedHeader(header).encrypt(master);
      await sql`insert into patient_keys (kid, wrapped, master) values (${kid}, ${wrapped}, 'test')`;
      return kid;
    },
    async destroy(kid) {
      await sql`update patient_keys set wrapped = null, master = null where kid = ${kid}`;
    },
    async encrypt(kid, event, bound = {}) {
      const { eventId, eventName, aggregateId } = { ...event, ...bound };
      const fields = Object.entries(event.payload);
      const personal = Object.fromEntries(fields.filter(([field]) => personalFields.includes(field)));
      const rest = Object.fromEntries(fields.filter(([field]) => !personalFields.includes(field)));
      const personalData = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(personal)))
        .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid, eventId, eventName, aggregateId })
        .encrypt(keys.get(kid) ?? randomBytes(32));
      return { ...event, version: versions[event.eventName], payload: { personalData, ...rest } };
    },
    async drop() {
      await sql.end({ timeout: 1 });
      await admin`drop database ${admin(name)} with (force)`;
      await admin.end();
    },
  };
}
