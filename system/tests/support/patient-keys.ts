import { randomBytes, randomUUID } from "node:crypto";
import postgres from "postgres";
import { testVariable } from "./test-environment.ts";

/** A database of patients' keys, and the settings of both services for it. */
export async function createPatientKeys(admin = testVariable("TEST_DATABASE_URL")) {
  const name = `keys_${randomUUID().slice(0, 8)}`;
  const url = new URL(admin);
  url.pathname = `/${name}`;
  async function execute(statement: string) {
    const sql = postgres(admin, { max: 1, onnotice: () => {} });
    await sql.unsafe(statement);
    await sql.end();
  }
  await execute(`CREATE DATABASE ${name}`);
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  const masterKey = (id: string) => `${id}:${randomBytes(32).toString("base64url")}`;
  const settings = (...masterKeys: string[]) => {
    const shared = { PATIENT_KEYS_URL: url.href, PATIENT_KEYS_MASTER: masterKeys.join(",") };
    return {
      producer: { ...shared, PATIENT_KEYS_SECRET: "a secret that only these tests know" },
      consumer: shared,
    };
  };
  return {
    url: url.href,
    sql,
    masterKey,
    settings,
    async remove() {
      await sql.end();
      await execute(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

export type PatientKeys = Awaited<ReturnType<typeof createPatientKeys>>;
