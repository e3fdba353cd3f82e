import { createHash } from "node:crypto";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { limitAnonymous } from "./limit-anonymous.ts";

const sha256 = createHash("sha256").update("desk").digest("hex");
const keys = [{ name: "desk", sha256, scopes: ["ops:read"] as const }];

function limited(perSecond: number) {
  const clock = { ms: 0 };
  const app = new Hono();
  app.use(limitAnonymous({ keys, perSecond, nowMs: () => clock.ms }));
  app.get("/", (context) => context.text("here"));
  const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
    app.request("/", { headers }, { incoming: { socket: { remoteAddress } } });
  return { clock, status: async (...of: Parameters<typeof from>) => (await from(...of)).status, from };
}

test("an address without a known key may ask so often and no more, until time has passed", async () => {
  const { clock, status, from } = limited(5);
  for (let request = 0; request < 10; request++) expect(await status("192.0.2.1")).toBe(200);
  const refused = await from("192.0.2.1");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
  expect(await status("192.0.2.1", { "x-api-key": "a guess" })).toBe(429);
  expect(await status("::ffff:192.0.2.1")).toBe(429);
  expect(await status("192.0.2.2")).toBe(200);
  expect(await status("192.0.2.1", { "x-api-key": "desk" })).toBe(200);
  clock.ms += 200;
  expect(await status("192.0.2.1")).toBe(200);
  expect(await status("192.0.2.1")).toBe(429);
  clock.ms += 60_000;
  for (let request = 0; request < 10; request++) expect(await status("192.0.2.1")).toBe(200);
  expect(await status("192.0.2.1")).toBe(429);
});

test("0 is no limit", async () => {
  const { status } = limited(0);
  for (let request = 0; request < 50; request++) expect(await status("192.0.2.1")).toBe(200);
});
