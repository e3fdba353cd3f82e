import type { AppendEvent } from "../domain/ports.ts";
import type { SealedEvent } from "../domain/seal-event.ts";
import type { Sql, SqlOrTx, Tx } from "../postgres/database.ts";
import { encryptEvent, keyNeededBy, openBody, personalOf } from "./encrypt-event.ts";
import type { KeyStore } from "./key-store.ts";
import { type Contact, type createPatientIds } from "./patient-id.ts";

export type PatientKeys = ReturnType<typeof createPatientKeys>;

/** What the producer does with patients' keys: it encrypts what it writes, and destroys the keys of whom it erases. */
export function createPatientKeys(store: KeyStore, ids: ReturnType<typeof createPatientIds>) {
  /** An erasure keeps everybody out who writes an event of that patient, until it has committed. */
  const lockOf = (patient: string) => `patient-key:${patient}`;

  async function lock(tx: Tx, patients: readonly string[]): Promise<void> {
    for (const patient of [...patients].sort()) {
      await tx`SELECT pg_advisory_xact_lock(hashtextextended(${lockOf(patient)}, 0))`;
    }
  }

  async function patientOf(tx: Tx, { aggregateId }: SealedEvent, said: Contact): Promise<string> {
    // The state is saved before its event, so a contact that stays is there by now.
    const [kept] = said.patientEmail === undefined
      ? await tx<{ email: string | null; phone: string | null }[]>`
          SELECT patient_email AS email, patient_phone AS phone FROM appointments WHERE id = ${aggregateId}`
      : [];
    const contact = {
      patientEmail: said.patientEmail ?? kept?.email ?? undefined,
      patientPhone: said.patientPhone ?? kept?.phone ?? undefined,
    };
    const patient = ids.of(contact);
    if (patient === undefined) throw new Error(`The appointment ${aggregateId} has nobody to encrypt for`);
    return patient;
  }

  return {
    /** Encrypts what is personal of an event before it is anywhere. */
    encrypting(append: AppendEvent<Tx>): AppendEvent<Tx> {
      return async (tx, aggregateType, event, origin) => {
        const personal = personalOf(event) as Contact | undefined;
        if (!personal) return await append(tx, aggregateType, event, origin);
        const patient = await patientOf(tx, event, personal);
        await tx`SELECT pg_advisory_xact_lock_shared(hashtextextended(${lockOf(patient)}, 0))`;
        const key = await store.keyOf(patient);
        await append(tx, aggregateType, await encryptEvent(event, key), origin);
        const toldOf = [...new Set([patient, ...ids.all(personal)])];
        await tx`
          INSERT INTO encrypted_events (event_id, aggregate_id, key_id, told_of)
          VALUES (${event.eventId}, ${event.aggregateId}, ${key.kid}, ${toldOf})`;
      };
    },

    /** Rows of `encrypted_events` that tell of somebody. */
    toldOf: (sql: SqlOrTx, contact: Contact) => sql`told_of && ${ids.all(contact)}::text[]`,

    /** Waits for whoever writes an event of the patient, and keeps them out until the transaction ends. */
    lock: (tx: Tx, contact: Contact) => lock(tx, ids.all(contact)),

    /**
     * Destroys the patient's key, and those that the events of these appointments needed and nobody else's do. The last
     * thing before the commit: should that fail, what was to be erased is unreadable, and the erasure is asked for again.
     */
    async destroy(tx: Tx, contact: Contact, appointmentIds: readonly string[]): Promise<number> {
      const others = await tx<{ patient: string }[]>`
        SELECT DISTINCT unnest(told_of) AS patient FROM encrypted_events
        WHERE aggregate_id = ANY(${appointmentIds as string[]})`;
      await lock(tx, others.map(({ patient }) => patient));
      const freed = await tx<{ kid: string }[]>`
        WITH freed AS (DELETE FROM encrypted_events WHERE aggregate_id = ANY(${appointmentIds as string[]}) RETURNING key_id)
        SELECT DISTINCT key_id AS kid FROM freed
        WHERE NOT EXISTS (
          SELECT FROM encrypted_events other
          WHERE other.key_id = freed.key_id AND other.aggregate_id <> ALL(${appointmentIds as string[]}))`;
      return await store.destroy({ patients: ids.all(contact), kids: freed.map(({ kid }) => kid) });
    },

    /** Destroys a key that no event needs any more; false where one does. */
    async retire(sql: Sql, { kid, patient }: { kid: string; patient: string }): Promise<boolean> {
      return await sql.begin(async (tx) => {
        await lock(tx, [patient]);
        const [needing] = await tx`SELECT FROM encrypted_events WHERE key_id = ${kid} LIMIT 1`;
        return !needing && await store.destroy({ patients: [], kids: [kid] }) > 0;
      }) as boolean;
    },

    /** The bodies of events, with what they say openly as far as their keys are there. */
    async open(bodies: readonly string[]): Promise<string[]> {
      const kids = bodies.flatMap((body) => keyNeededBy(body) ?? []);
      const keys = kids.length === 0 ? new Map<string, Uint8Array>() : await store.findKeys([...new Set(kids)]);
      return await Promise.all(bodies.map((body) => openBody(body, keys)));
    },
  };
}
