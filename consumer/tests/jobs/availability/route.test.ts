import { afterAll, beforeAll, expect, test } from "vitest";
import { createHash } from "node:crypto";
import { createAvailabilityApp } from "../../../src/jobs/availability/route.ts";
import { createAvailabilityReader } from "../../../src/jobs/availability/availability-reader.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database
    .sql`insert into availability_doctors values ('dr-1', 'Pacific/Kiritimati', '[]', '[]', 1, '2026-03-01')`;
});
afterAll(() => database.drop());

const longAgo = () => new Date("0000-12-31T00:00:00Z");
const sha256 = createHash("sha256").update("desk").digest("hex");
const keys = [{ name: "desk", sha256, scopes: ["availability:read"] as const }];
const get = (doctorId: string, query: string) =>
  createAvailabilityApp({ reader: createAvailabilityReader(database.sql), now: longAgo, keys }).request(
    `/v1/doctors/${doctorId}/availability?${query}`,
    { headers: { "x-api-key": "desk" } },
  );

test.each([
  ["from=0000-01-01T00:00:00Z&to=0000-01-02T00:00:00Z", "from", "must not be before the year 1"],
  ["from=0001-01-01T00:00:00%2B02:00&to=0001-01-01T00:00:00Z", "from", "must not be before the year 1"],
  ["from=9999-12-30T00:00:00Z&to=9999-12-31T23:00:00-02:00", "to", "must not be after the end of 9999"],
])("a time that the database does not know is refused: %s", async (query, name, detail) => {
  const response = await get("dr-1", query);
  expect(response.status).toBe(400);
  const { errors } = await response.json() as { errors: object[] };
  expect(errors).toContainEqual({ in: "query", pointer: `#/${name}`, detail });
});

test.each([
  "from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z&durationMinutes=480",
  "from=9999-12-30T00:00:00Z&to=9999-12-31T00:00:00Z&durationMinutes=480",
])("the first and the last times that there are can be asked for: %s", async (query) => {
  const response = await get("dr-1", query);
  expect(response.status).toBe(200);
  expect((await response.json() as { slots: unknown[] }).slots).toHaveLength(3);
});

test.each(["%00", "a%20b", "x".repeat(65)])("nobody has the id %s", async (doctorId) => {
  const response = await get(doctorId, "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z");
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ type: "/problems/doctor-not-found" });
});
