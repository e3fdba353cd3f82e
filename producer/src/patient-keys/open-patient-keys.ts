import type { Config } from "../config.ts";
import { connectDatabase, type Sql } from "../postgres/database.ts";
import { tlsOf } from "../tls.ts";
import { createKeyStore, type KeyStore } from "./key-store.ts";
import { createMasterKeys, type MasterKeys } from "./master-keys.ts";
import { createPatientIds } from "./patient-id.ts";
import { createPatientKeys, type PatientKeys } from "./patient-keys.ts";

export type OpenPatientKeys = {
  readonly keys: PatientKeys;
  readonly store: KeyStore;
  readonly masters: MasterKeys;
  readonly sql: Sql;
  /** For what may take its time: its statements are not bounded by the silence of the connection. */
  patient(): Sql;
};

/** Where the patients' keys are, if the clinic has any; nothing connects before the first query. */
export function openPatientKeys(config: Config): OpenPatientKeys | undefined {
  const { PATIENT_KEYS_URL: url, PATIENT_KEYS_SECRET: secret, PATIENT_KEYS_MASTER: masterKeys } = config;
  if (url === undefined || secret === undefined || masterKeys === undefined) return undefined;
  const tls = tlsOf(
    config.PATIENT_KEYS_CA_FILE ?? config.DATABASE_CA_FILE,
    config.DATABASE_CERT_FILE,
    config.DATABASE_KEY_FILE,
  );
  const options = { tls, applicationName: "appointment-producer keys" };
  const sql = connectDatabase(url, { ...options, max: Math.min(config.DATABASE_POOL, 5) });
  const masters = createMasterKeys(masterKeys);
  const store = createKeyStore(sql, masters);
  return {
    keys: createPatientKeys(store, createPatientIds(secret)),
    store,
    masters,
    sql,
    patient: () => connectDatabase(url, { ...options, max: 1, silentForMs: Infinity }),
  };
}
