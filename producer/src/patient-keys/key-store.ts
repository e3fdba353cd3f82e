import { randomBytes, randomUUID } from "node:crypto";
import type { Sql } from "../postgres/database.ts";
import { createKeysGuard } from "./keys-guard.ts";
import type { MasterKeys } from "./master-keys.ts";

export type PatientKey = { readonly kid: string; readonly key: Uint8Array };

type Row = { kid: string; wrapped: string };

export type KeyStore = ReturnType<typeof createKeyStore>;

/** The keys of patients, in their own database. */
export function createKeyStore(sql: Sql, masters: MasterKeys) {
  const asking = createKeysGuard();
  const unwrapped = async ({ kid, wrapped }: Row): Promise<PatientKey> => ({
    kid,
    key: await masters.unwrap(kid, wrapped),
  });
  const find = async (patient: string) =>
    (await sql<Row[]>`
    SELECT kid, wrapped FROM patient_keys WHERE patient = ${patient}`)[0];

  /** Made when it is first needed; of two who make it at once, both get the one that was first. */
  async function make(patient: string): Promise<Row> {
    const kid = randomUUID();
    const wrapped = await masters.wrap(kid, randomBytes(32));
    await sql`
      INSERT INTO patient_keys (kid, patient, wrapped, master) VALUES (${kid}, ${patient}, ${wrapped}, ${masters.current})
      ON CONFLICT (patient) DO NOTHING`;
    const row = await find(patient);
    if (!row) throw new Error("A patient's key was destroyed while it was made");
    return row;
  }

  return {
    /** The key of a patient by the HMAC of the address. Not from memory: another instance may have destroyed it. */
    async keyOf(patient: string): Promise<PatientKey> {
      return await unwrapped(await asking(async () => await find(patient) ?? await make(patient)));
    },

    /** Those of the keys that are still there. */
    async findKeys(kids: readonly string[]): Promise<Map<string, Uint8Array>> {
      const rows = await asking(async () =>
        await sql<Row[]>`
        SELECT kid, wrapped FROM patient_keys WHERE kid = ANY(${kids as string[]}::uuid[]) AND wrapped IS NOT NULL`
      );
      const keys = await Promise.all(rows.map(unwrapped));
      return new Map(keys.map(({ kid, key }) => [kid, key]));
    },

    /** Destroys these keys, and those of these patients; what they encrypted says nothing any more. Returns how many. */
    async destroy({ patients, kids }: { patients: readonly string[]; kids: readonly string[] }): Promise<number> {
      const { count } = await asking(async () =>
        await sql`
        UPDATE patient_keys SET patient = NULL, wrapped = NULL, master = NULL, destroyed_at = now()
        WHERE (patient = ANY(${patients as string[]}) OR kid = ANY(${kids as string[]}::uuid[])) AND wrapped IS NOT NULL`
      );
      return count;
    },

    /** Wraps a batch of keys by the current master key that another one has wrapped; returns how many. */
    async rewrap(batch: number): Promise<number> {
      return await sql.begin(async (tx) => {
        const rows = await tx<Row[]>`
          SELECT kid, wrapped FROM patient_keys WHERE wrapped IS NOT NULL AND master <> ${masters.current}
          ORDER BY kid LIMIT ${batch} FOR UPDATE`;
        const again = await Promise.all(rows.map(async (row) => {
          return await masters.wrap(row.kid, await masters.unwrap(row.kid, row.wrapped));
        }));
        await tx`
          UPDATE patient_keys SET wrapped = again.wrapped, master = ${masters.current}
          FROM unnest(${rows.map(({ kid }) => kid)}::uuid[], ${again}::text[]) AS again (kid, wrapped)
          WHERE patient_keys.kid = again.kid`;
        return rows.length;
      }) as number;
    },

    /** How many keys each master key has wrapped, and how many were destroyed. */
    async count(): Promise<{ byMaster: ReadonlyMap<string, number>; destroyed: number }> {
      const rows = await sql<{ master: string | null; keys: number }[]>`
        SELECT master, count(*)::int AS keys FROM patient_keys GROUP BY master`;
      return {
        byMaster: new Map(rows.flatMap(({ master, keys }) => master === null ? [] : [[master, keys]])),
        destroyed: rows.find(({ master }) => master === null)?.keys ?? 0,
      };
    },

    /** The keys that are there and were made before that, in their order after `kid`. */
    async listBefore(time: Date, after: string, limit: number): Promise<{ kid: string; patient: string }[]> {
      return await sql<{ kid: string; patient: string }[]>`
        SELECT kid, patient FROM patient_keys WHERE wrapped IS NOT NULL AND created_at < ${time} AND kid > ${after}
        ORDER BY kid LIMIT ${limit}`;
    },
  };
}
