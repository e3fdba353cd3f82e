import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(() => database.drop());

test.each(["40P01", "40001"])(
  "a conflict (%s) that does not end is 503: the caller may come again",
  async (sqlState) => {
    await database.sql.unsafe(`
    CREATE OR REPLACE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '${sqlState}'; END $$;
    CREATE OR REPLACE TRIGGER conflict BEFORE INSERT ON appointments FOR EACH ROW EXECUTE FUNCTION conflict()`);
    const refused = await api.send("POST", "/v1/appointments", booking);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await refused.json()).toMatchObject({ type: "/problems/unavailable" });

    await database.sql`DROP TRIGGER conflict ON appointments`;
    const booked = await api.send("POST", "/v1/appointments", booking);
    expect(booked.status).toBe(201);
    await api.send("POST", `${booked.headers.get("Location")}/cancel`);
  },
);
