import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createVerifyToken } from "../src/http/verify-token.ts";
import { type Api, apiKey, booking, createApi, doctor, otherKey } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

const issuer = "https://login.example.org/";
const audience = "appointments";
const usual = { scopeClaims: ["scope", "scp"], leewaySeconds: 60 };

let database: PrivateDatabase;
let api: Api;
let jwks: Server;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let now = new Date("2026-01-01T00:00:00Z");

beforeAll(async () => {
  database = await createPrivateDatabase();
  keys = await generateKeyPair("ES256", { extractable: true });
  const published = JSON.stringify({ keys: [{ ...await exportJWK(keys.publicKey), kid: "1", alg: "ES256" }] });
  jwks = createServer((_, response) => response.setHeader("Content-Type", "application/json").end(published));
  await new Promise<void>((resolve) => jwks.listen(0, "127.0.0.1", resolve));
  const { port } = jwks.address() as AddressInfo;
  const verifyToken = createVerifyToken({ issuer, audience, jwksUrl: `http://127.0.0.1:${port}/`, ...usual });
  api = createApi(database.sql, { verifyToken, corsOrigins: ["https://desk.example.org"] });
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(async () => {
  jwks.close();
  await database.drop();
});

function token(claims: Record<string, unknown> = {}, header: { alg: string } = { alg: "ES256" }) {
  const { sub = "service-7", iss = issuer, aud = audience, exp = "5m", ...rest } = claims as Record<string, string>;
  return new SignJWT(rest).setProtectedHeader({ ...header, kid: "1" }).setSubject(sub).setIssuer(iss).setAudience(aud)
    .setExpirationTime(exp);
}

const withToken = (text: string) => api.request("/v1/doctors", { headers: { Authorization: `Bearer ${text}` } });

test("a token of the trusted issuer opens what its scopes name, and its subject is the actor", async () => {
  const signed = await token({ scope: "appointments:write unknown:scope" }).sign(keys.privateKey);
  const response = await api.request("/v1/appointments", {
    method: "POST",
    headers: { Authorization: `Bearer ${signed}`, "Content-Type": "application/json" },
    body: JSON.stringify(booking),
  });
  expect(response.status).toBe(201);
  const [row] = await database.sql`SELECT body FROM outbox ORDER BY id DESC LIMIT 1`;
  expect(JSON.parse(row?.["body"]).actor).toBe("token:service-7");
  expect((await withToken(signed)).status).toBe(403);
});

test.each([
  ["another issuer", { iss: "https://evil.example.org/" }],
  ["another audience", { aud: "something-else" }],
  ["an expired one", { exp: "-2m" }],
  ["a subject that can't be an actor", { sub: "two words" }],
])("a token is refused: %s", async (_, claims) => {
  const signed = await token({ scope: "appointments:read", ...claims }).sign(keys.privateKey);
  const response = await withToken(signed);
  expect(response.status).toBe(401);
  expect(response.headers.get("WWW-Authenticate")).toContain("invalid_token");
});

test("a token that somebody else signed, or nobody, or with a shared secret, is refused", async () => {
  const others = await generateKeyPair("ES256");
  expect((await withToken(await token({ scope: "appointments:read" }).sign(others.privateKey))).status).toBe(401);
  const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
  expect((await withToken(await token({ scope: "appointments:read" }, { alg: "HS256" }).sign(secret))).status).toBe(
    401,
  );
  const unsigned = `${btoa(`{"alg":"none"}`)}.${
    btoa(JSON.stringify({ sub: "x", iss: issuer, aud: audience, exp: 9e9 }))
  }.`;
  expect((await withToken(unsigned.replaceAll("=", ""))).status).toBe(401);
});

test("a token that never expires, or is not valid yet, is refused", async () => {
  const claims = new SignJWT({ scope: "appointments:read" }).setProtectedHeader({ alg: "ES256", kid: "1" })
    .setSubject("service-7").setIssuer(issuer).setAudience(audience);
  expect((await withToken(await claims.sign(keys.privateKey))).status).toBe(401);
  const early = claims.setExpirationTime("10m").setNotBefore("5m");
  expect((await withToken(await early.sign(keys.privateKey))).status).toBe(401);
});

test("while the issuer's keys can't be read, tokens are neither accepted nor called wrong", async () => {
  const unreachable = createVerifyToken({ issuer, audience, jwksUrl: "http://127.0.0.1:1/", ...usual });
  const without = createApi(database.sql, { verifyToken: unreachable });
  const signed = await token({ scope: "appointments:read" }).sign(keys.privateKey);
  const response = await without.request("/v1/doctors", { headers: { Authorization: `Bearer ${signed}` } });
  expect(response.status).toBe(503);
  expect(response.headers.get("Retry-After")).toBe("5");
});

test("without a trusted issuer a token opens nothing", async () => {
  const signed = await token({ scope: "appointments:read" }).sign(keys.privateKey);
  const response = await createApi(database.sql).request("/v1/doctors", {
    headers: { Authorization: `Bearer ${signed}` },
  });
  expect(response.status).toBe(401);
});

test("each operation needs its own scope", async () => {
  const statuses = await Promise.all([
    api.send("GET", "/v1/doctors", undefined, { "X-API-Key": otherKey }),
    api.send("PUT", "/v1/doctors/dr-x", doctor, { "X-API-Key": otherKey }),
    api.send("GET", "/ops/outbox", undefined, { "X-API-Key": otherKey }),
    api.send("GET", "/ops/archive", undefined, { "X-API-Key": otherKey }),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([200, 403, 403, 403]);
});

test("a caller who asks too often is told when to come again, and others are not held up", async () => {
  const limited = createApi(database.sql, { now: () => now, requestsPerSecond: 5 });
  const ask = async (key: string) => await limited.send("GET", "/v1/doctors", undefined, { "X-API-Key": key });
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) statuses.push((await ask(apiKey)).status);
  expect(statuses).toEqual([...Array(10).fill(200), 429, 429]);
  const refused = await ask(apiKey);
  expect(refused.headers.get("Retry-After")).toBe("1");
  expect(refused.headers.get("RateLimit-Policy")).toBe(`"caller";q=10;w=2`);
  expect(refused.headers.get("RateLimit")).toBe(`"caller";r=0;t=2`);
  expect(await refused.json()).toMatchObject({ type: "/problems/rate-limited" });
  expect((await ask(otherKey)).status).toBe(200);

  now = new Date(now.getTime() + 1_000);
  expect((await ask(apiKey)).status).toBe(200);
});

test("every answer bears the headers that keep a browser from misusing it", async () => {
  for (const path of ["/livez", "/v1/doctors", "/nothing"]) {
    const { headers } = await api.send("GET", path);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(headers.get("Strict-Transport-Security")).toContain("max-age");
    expect(headers.get("X-Frame-Options")).toBe("SAMEORIGIN");
  }
  expect((await api.send("GET", "/v1/doctors")).headers.get("Cache-Control")).toBe("private, no-cache");
});

test("other origins may call only where they are configured", async () => {
  const ask = (app: Api, origin: string) =>
    app.request("/v1/doctors", {
      method: "OPTIONS",
      headers: { Origin: origin, "Access-Control-Request-Method": "GET" },
    });
  expect((await ask(api, "https://desk.example.org")).headers.get("Access-Control-Allow-Origin")).toBe(
    "https://desk.example.org",
  );
  expect((await ask(api, "https://evil.example.org")).headers.get("Access-Control-Allow-Origin")).toBeNull();
  const closed = await ask(createApi(database.sql), "https://desk.example.org");
  expect(closed.headers.get("Access-Control-Allow-Origin")).toBeNull();
});
