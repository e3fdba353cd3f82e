import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modules } from "../../src/jobs/modules.ts";
import { readConfig } from "../../src/config.ts";
import type { Job } from "../../src/jobs/job.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import {
  type Body,
  type Effects,
  effectsOf,
  examplesOf,
  fieldsOf,
  historiesBefore,
  readsOf,
  withOther,
} from "./field-effects.ts";

/**
 * Metamorphic: of two events that differ in one field, the effects differ exactly where the job declares that it reads the
 * field (`x-reads`). What it reads beyond that nobody would keep for it, and what it doesn't use it should not demand.
 */
const config = readConfig({
  DATABASE_URL: "postgres://localhost/none",
  AMQP_URL: "amqp://localhost",
  SMTP_URL: "smtp://127.0.0.1:1",
  MAIL_FROM: "clinic@clinic.example",
  SMS_URL: "http://127.0.0.1:1",
  SMS_ACCOUNT_SID: "AC0",
  SMS_AUTH_TOKEN: "secret",
  SMS_FROM: "+4930999999",
  CALDAV_URL: "http://127.0.0.1:1/",
  CALDAV_USERNAME: "clinic",
  CALDAV_PASSWORD: "secret",
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe.each(modules.map(({ job }) => job(config)).map((job) => [job.name, job] as const))("%s", (name, job) => {
  test.each(readsOf(name))(
    "%s has other effects exactly where a field is other that is read",
    async (message, reads) => {
      const seen = new Map<string, boolean>();
      for (const body of examplesOf(message)) {
        for (const before of historiesBefore(name, body)) {
          const effects = (event: Body) => effectsOf(database, job as Job, [...before, event]);
          const usual = await effects(body);
          const noise = columnsThatDiffer(usual, await effects(body));
          for (const field of fieldsOf(body)) {
            const columns = columnsThatDiffer(usual, await effects(withOther(body, field)));
            seen.set(field, (seen.get(field) ?? false) || columns.some((column) => !noise.includes(column)));
          }
        }
      }
      const changing = [...seen].filter(([, changes]) => changes).map(([field]) => field);
      expect(changing.sort()).toEqual([...reads].sort());
    },
  );
});

function columnsThatDiffer(a: Effects, b: Effects): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((column) => a[column] !== b[column]);
}
