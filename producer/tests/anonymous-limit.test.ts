import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiKey, createApi } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

const perSecond = 10;
const holds = 2 * perSecond;
let database: PrivateDatabase;
beforeAll(async () => void (database = await createPrivateDatabase()));
afterAll(() => database.drop());

async function exhausted(): Promise<Api> {
  const now = () => new Date("2026-03-01T10:00:00Z");
  const api = createApi(database.sql, { anonymousPerSecond: perSecond, now });
  // The harness has read the description itself.
  for (let request = 1; request < holds; request++) await api.request("/livez");
  return api;
}

test.each([
  "/livez",
  "/readyz",
  "/metrics",
  "/openapi.json",
  "/docs",
  "/docs/openapi.json",
  "/docs/swagger-ui-bundle.js",
  "/problems/not-found",
  "/v1/doctors",
])("who shows no key is limited at %s", async (path) => {
  const api = await exhausted();
  const response = await api.request(path);
  expect(response.status).toBe(429);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("who tries keys is limited as well, and who has one is not", async () => {
  const api = await exhausted();
  const list = (key: string) => api.request("/v1/doctors", { headers: { "X-API-Key": key } });
  expect((await list("a guess")).status).toBe(429);
  expect((await list("")).status).toBe(429);
  const token = await api.request("/v1/doctors", { headers: { Authorization: "Bearer guess" } });
  expect(token.status).toBe(429);
  expect((await list(apiKey)).status).toBe(200);
});
