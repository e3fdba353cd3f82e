import postgres from "postgres";
import type { KeyRow } from "../src/services.ts";

/** The master key of the producers that are started here. */
export const producersMasterKey = `test:${"A".repeat(43)}`;

/** The keys that a producer has made. */
export async function readKeys(keysUrl: string): Promise<KeyRow[]> {
  const sql = postgres(keysUrl, { max: 1, onnotice: () => {} });
  try {
    return [...await sql<KeyRow[]>`select kid, wrapped from patient_keys where wrapped is not null order by kid`];
  } finally {
    await sql.end();
  }
}

/** Puts keys into an empty database, in the table as the producer makes it, as far as a reader knows it. */
export async function keepKeys(keysUrl: string, keys: readonly KeyRow[]): Promise<void> {
  const sql = postgres(keysUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`create table if not exists patient_keys (kid uuid primary key, wrapped text)`;
    await sql`insert into patient_keys ${sql(keys, "kid", "wrapped")} on conflict do nothing`;
  } finally {
    await sql.end();
  }
}
