import type { KeyObject } from "node:crypto";
import type { Sql } from "postgres";
import type { Unwrap } from "./master-keys.ts";

/** A patient's key, or that it was destroyed when the patient was erased. */
export type PatientKey = KeyObject | "destroyed";

/** What is known of the keys, by their ids, or why one can't be used; all of them by one statement at most. */
export type FindKeys = (kids: readonly string[]) => Promise<ReadonlyMap<string, PatientKey | Error>>;

export interface KeyReaderDependencies {
  /** The database of patients' keys: it is only read. */
  sql: Sql;
  unwrap: Unwrap;
  /** A clock in ms that is never set back. */
  elapsedMs: () => number;
}

/** So long an erasure may go unnoticed by the key alone. */
const cachedMs = 60_000;
const maxCached = 50_000;

/** Reads keys, and remembers them for a minute. One that is not there is asked for again. */
export function createKeyReader({ sql, unwrap, elapsedMs }: KeyReaderDependencies): FindKeys {
  const cached = new Map<string, { key: PatientKey; until: number }>();

  function remembered(kid: string): PatientKey | undefined {
    const known = cached.get(kid);
    if (known && known.until > elapsedMs()) return known.key;
    cached.delete(kid);
    return undefined;
  }

  function remember(kid: string, key: PatientKey): void {
    // The oldest goes: a Map keeps the order of what was set.
    if (cached.size >= maxCached) cached.delete(cached.keys().next().value!);
    cached.set(kid, { key, until: elapsedMs() + cachedMs });
  }

  function read({ kid, wrapped }: { kid: string; wrapped: string | null }): PatientKey | Error {
    try {
      const key = wrapped === null ? "destroyed" : unwrap(kid, wrapped);
      remember(kid, key);
      return key;
    } catch (error) {
      return error as Error;
    }
  }

  return async function findKeys(kids) {
    const found = new Map<string, PatientKey | Error>();
    const missing: string[] = [];
    for (const kid of new Set(kids)) {
      const key = remembered(kid);
      if (key) found.set(kid, key);
      else missing.push(kid);
    }
    if (missing.length === 0) return found;
    const rows = await sql<{ kid: string; wrapped: string | null }[]>`
      select kid, wrapped from patient_keys where kid = any(${missing}::uuid[])`;
    for (const row of rows) found.set(row.kid, read(row));
    return found;
  };
}
