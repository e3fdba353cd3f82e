import { expect, test } from "vitest";
import { createHash } from "node:crypto";
import type { OpsScope } from "../../ops/access/scopes.ts";
import { createAvailabilityApp } from "./route.ts";

const path = "/v1/doctors/dr-1/availability?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z";

const key = (secret: string, scopes: OpsScope[]) => ({
  name: secret,
  sha256: createHash("sha256").update(secret).digest("hex"),
  scopes,
});
const keys = [key("desk", ["availability:read"]), key("operator", ["ops:read", "ops:act", "ops:personal"])];
const headers = { "x-api-key": "desk" };
const nobody = { findHours: () => Promise.resolve(undefined), findBusy: () => Promise.resolve([]) };
const now = () => new Date();

test.each([
  [{}, 401],
  [{ "x-api-key": "" }, 401],
  [{ "x-api-key": "another" }, 401],
  [{ "x-api-key": "operator" }, 403],
  [{ "x-api-key": "desk" }, 404],
] as [Record<string, string>, number][])("who sends %j is answered with %i", async (headers, status) => {
  const response = await createAvailabilityApp({ reader: nobody, now, keys }).request(path, { headers });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
});

test("without keys nobody is answered", async () => {
  const response = await createAvailabilityApp({ reader: nobody, now, keys: [] }).request(path, { headers });
  expect(response.status).toBe(401);
});

test("two are answered at a time, a hundred wait, and who comes then is told to come back", async () => {
  let resolve = () => {};
  const promise = new Promise<undefined>((done) => resolve = () => done(undefined));
  let asked = 0;
  const findHours = () => {
    asked += 1;
    return promise;
  };
  const app = createAvailabilityApp({ reader: { ...nobody, findHours }, now, keys });
  const answers = Array.from({ length: 102 }, () => app.request(path, { headers }));
  const late = await app.request(path, { headers });
  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(asked).toBe(2);
  resolve();
  expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([404]));
  expect((await app.request(path, { headers })).status).toBe(404);
});

test("while the database is away the answer is a problem that says to come back", async () => {
  const away = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
  const response = await createAvailabilityApp({ reader: { findHours: away, findBusy: away }, now, keys })
    .request(path, { headers });
  expect(response.status).toBe(503);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ type: "/problems/unavailable", status: 503 });
});
