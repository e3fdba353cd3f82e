import { afterAll, beforeAll, expect, test } from "vitest";
import { bounded } from "../src/telemetry/bounded.ts";
import { errorText } from "../src/telemetry/error-text.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const marker = "Jane Marker, ward 7";

/** Each kind of refusal that quotes what it refuses, in its message or in its DETAIL. */
const refusals: Record<string, string> = {
  "22P02": `SELECT '${marker}'::uuid`,
  "22007": `SELECT '${marker}'::timestamptz`,
  "22023": `SELECT now() AT TIME ZONE '${marker}'`,
  "23502": `INSERT INTO refused (needed, note) VALUES (NULL, '${marker}')`,
  "23503": `INSERT INTO refused (parent) VALUES ('${marker}')`,
  "23505": `INSERT INTO refused (id) VALUES ('${marker}'), ('${marker}')`,
  "23514": `INSERT INTO refused (never) VALUES ('${marker}')`,
  "23P01": `INSERT INTO refused (alone) VALUES ('${marker}'), ('${marker}')`,
};

test.each(Object.entries(refusals))("what PostgreSQL refuses with %s is in no line", async (sqlState, statement) => {
  await database.sql.unsafe(`
    DROP TABLE IF EXISTS refused;
    CREATE TABLE refused (
      id text PRIMARY KEY DEFAULT gen_random_uuid()::text,
      short varchar(3),
      needed text NOT NULL DEFAULT '',
      parent text REFERENCES refused (id),
      never text CHECK (never IS NULL),
      alone text,
      note text,
      EXCLUDE (alone WITH =)
    )`);
  const error = await database.sql.unsafe(statement).then(
    () => expect.fail("was not refused"),
    (refusal: unknown) => refusal,
  );
  expect(error).toMatchObject({ code: sqlState });
  // It quotes what it refuses: else this would prove nothing.
  const { message, detail } = error as { message: string; detail?: string };
  expect(`${message} ${detail}`).toContain("Marker");
  for (const said of [errorText(error), JSON.stringify(bounded({ err: error }))]) {
    expect(said).toContain(sqlState);
    expect(said).not.toContain("Marker");
  }
});
