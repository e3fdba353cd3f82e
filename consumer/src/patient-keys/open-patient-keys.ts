import type { Sql } from "postgres";
import type { Config } from "../config.ts";
import { connectPostgres, statementTimeoutWithin } from "../postgres/connect.ts";
import { createKeyReader, type FindKeys } from "./key-reader.ts";
import { createUnwrap } from "./master-keys.ts";

export interface PatientKeys {
  sql: Sql;
  findKeys: FindKeys;
}

/** Where the patients' keys are read, if the clinic has any; nothing connects before the first question. */
export function openPatientKeys({ patientKeys, delivery }: Config): PatientKeys | undefined {
  if (!patientKeys) return undefined;
  const sql = connectPostgres(patientKeys.url, {
    max: 2,
    tls: patientKeys.tls,
    applicationName: "appointments-consumer keys",
    statementTimeoutMs: statementTimeoutWithin(delivery.jobTimeoutMs),
  });
  const findKeys = createKeyReader({
    sql,
    unwrap: createUnwrap(patientKeys.masters),
    elapsedMs: () => performance.now(),
  });
  return { sql, findKeys };
}
