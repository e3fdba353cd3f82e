import { expect, test } from "vitest";
import { createAvailabilityApp } from "./route.ts";

const path = "/v1/doctors/dr-1/availability?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z";

test("while the database is away the answer is a problem that says to come back", async () => {
  const away = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
  const response = await createAvailabilityApp({ reader: { findHours: away, findBusy: away }, now: () => new Date() })
    .request(path);
  expect(response.status).toBe(503);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ type: "/problems/unavailable", status: 503 });
});
