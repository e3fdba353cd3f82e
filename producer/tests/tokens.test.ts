import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createVerifyToken } from "../src/http/verify-token.ts";
import { type Api, apiKey, booking, createApi, doctor, otherKey, readOnlyKey } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

const issuer = "https://login.example.org/";
const audience = "appointments";
const trusted = { issuer, audience, scopeClaims: ["scope", "scp", "roles", "permissions"], leewaySeconds: 60 };

let database: PrivateDatabase;
let api: Api;
let jwks: Server;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  database = await createPrivateDatabase();
  keys = await generateKeyPair("ES256", { extractable: true });
  const published = JSON.stringify({ keys: [{ ...await exportJWK(keys.publicKey), kid: "1", alg: "ES256" }] });
  jwks = createServer((_, response) => response.setHeader("Content-Type", "application/json").end(published));
  await once(jwks.listen(0, "127.0.0.1"), "listening");
  const { port } = jwks.address() as AddressInfo;
  const written = new PassThrough();
  written.on("data", (chunk) => lines.push(...String(chunk).trim().split("\n").map((line) => JSON.parse(line))));
  const verifyToken = createVerifyToken({ ...trusted, jwksUrl: `http://127.0.0.1:${port}/` });
  api = createApi(database.sql, { verifyToken, log: pino({ level: "info" }, written) });
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
beforeEach(() => void (lines = []));
afterAll(async () => {
  jwks.close();
  await database.drop();
});

const seconds = () => Math.floor(Date.now() / 1000);
const usual = () => ({ iss: issuer, aud: audience, sub: "service-7", exp: seconds() + 300 });

function sign(claims: Record<string, unknown>, header: Record<string, string> = {}, key = keys.privateKey) {
  return new SignJWT({ ...usual(), ...claims }).setProtectedHeader({ alg: "ES256", kid: "1", ...header }).sign(key);
}

const withToken = (token: string) => api.request("/v1/doctors", { headers: { Authorization: `Bearer ${token}` } });

/** Tokens for programs and people, as each issuer writes them. */
test.each<[string, Record<string, unknown>]>([
  ["RFC 9068 and Auth0", { scope: "openid appointments:read", sub: "client@clients", azp: "client" }],
  ["Auth0, role-based", { scope: "openid", permissions: ["appointments:read"], sub: "auth0|5f7c8ec7c33c6c004bbafe82" }],
  ["Okta", { scp: ["openid", "appointments:read"], cid: "0oa1", sub: "ada@example.org" }],
  ["Entra, a person", {
    scp: "appointments:read User.Read",
    ver: "2.0",
    sub: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
  }],
  ["Entra, a program", { roles: ["appointments:read"], idtyp: "app", sub: "f3b0b4b1-6a6a-4b3b-8d3a-1c2d3e4f5a6b" }],
  ["Keycloak", {
    scope: "profile appointments:read email",
    aud: ["account", audience],
    realm_access: { roles: ["ops"] },
  }],
  ["Cognito", { scope: "appointments/appointments:read aws.cognito.signin.user.admin", token_use: "access" }],
  ["scope as a list", { scope: ["appointments:read", "ops"] }],
  ["scp as a list of texts", { scp: ["openid appointments:read"] }],
  ["both claims", { scope: "openid", scp: ["appointments:read"] }],
])("a token in the shape of %s opens what its scopes name", async (_, claims) => {
  expect((await withToken(await sign(claims))).status).toBe(200);
});

test.each([
  ["service-7", "token:service-7"],
  ["ada@example.org", "token:sha256:cfe00dde"],
  ["+4930123456", "token:sha256:"],
  ["x".repeat(128), "token:sha256:"],
])("the subject %s is called %s in logs and events, where no address stands", async (sub, name) => {
  const response = await api.request("/v1/doctors", {
    headers: { Authorization: `Bearer ${await sign({ sub, scope: "appointments:read" })}` },
  });
  const correlationId = response.headers.get("X-Request-Id");
  const line = lines.find((one) => one["msg"] === "request" && one["correlationId"] === correlationId);
  expect(line?.["caller"]).toMatch(new RegExp(`^${name.replaceAll(/[.+]/g, "\\$&")}`));
});

test.each<[string, Record<string, unknown>]>([
  ["no claim", {}],
  ["a number", { scope: 7, scp: { "appointments:read": true } }],
  ["another API's scope of the same name", { scope: "billing/appointments:read" }],
  ["a scope in other capitals", { scope: "Appointments:Read" }],
  ["a claim that nobody named", { groups: ["appointments:read"] }],
  ["a realm's roles", { realm_access: { roles: ["appointments:read"] } }],
])("a token with %s opens nothing", async (_, claims) => {
  expect((await withToken(await sign(claims))).status).toBe(403);
});

test.each([
  ["nbf", 55, 200],
  ["nbf", 75, 401],
  ["exp", -45, 200],
  ["exp", -75, 401],
])("%s %d seconds from now answers %d: a minute of leeway", async (claim, from, status) => {
  const token = await sign({ scope: "appointments:read", [claim]: seconds() + from });
  expect((await withToken(token)).status).toBe(status);
});

const refusals: [string, () => Promise<string>, string][] = [
  ["expired", () => sign({ exp: seconds() - 100 }), "it has expired"],
  ["not yet valid", () => sign({ nbf: seconds() + 100 }), "it is not valid yet"],
  ["another issuer's", () => sign({ iss: "https://evil.example.org/" }), "another issuer made it"],
  ["for somebody else", () => sign({ aud: "billing" }), "it is meant for another audience"],
  ["without an audience", () => sign({ aud: undefined }), "it has no aud"],
  ["without an end", () => sign({ exp: undefined }), "it has no exp"],
  ["without a subject", () => sign({ sub: undefined }), "it has no sub"],
  ["of a strange subject", () => sign({ sub: "two words" }), "its subject is not 1 to 128 visible ASCII characters"],
  ["of an unknown key", () => sign({}, { kid: "2" }), "the issuer has published no key for it"],
  [
    "signed by somebody else",
    async () => sign({}, {}, (await generateKeyPair("ES256")).privateKey),
    "its signature is wrong",
  ],
  ["no token", () => Promise.resolve("not-a-token"), "it is not a signed JWT"],
  [
    "of a shared secret",
    () => new SignJWT(usual()).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode("x".repeat(32))),
    "its algorithm is not accepted",
  ],
];

test.each(refusals)(
  "what is wrong with a token is said and logged, and never the token: %s",
  async (_, make, reason) => {
    const token = await make();
    const response = await withToken(token);
    expect(response.status).toBe(401);
    expect((await response.json()).detail).toBe(`The token is refused: ${reason}`);
    const challenge = response.headers.get("WWW-Authenticate");
    expect(challenge).toBe(
      `Bearer realm="appointments", error="invalid_token", error_description="The token is refused: ${reason}"`,
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: "request refused", reason: expect.stringContaining(reason) }),
    );
    expect(JSON.stringify(lines)).not.toContain(token.split(".").at(-1));
  },
);

test("the log names the claim that was not as it has to be", async () => {
  await withToken(await sign({ aud: "billing" }));
  expect(lines).toContainEqual(expect.objectContaining({ claim: "aud", value: `"billing"` }));
});

test.each<[string, Record<string, string>, string]>([
  ["nothing", {}, "Send an API key in X-API-Key or a token in Authorization"],
  ["an unknown key", { "X-API-Key": "the-secret-of-nobody" }, "The API key is not known"],
  [
    "basic credentials",
    { Authorization: "Basic dGhlLXNlY3JldA==" },
    "Authorization must be Bearer followed by one token",
  ],
  [
    "two tokens",
    { Authorization: "Bearer the-secret another-secret" },
    "Authorization must be Bearer followed by one token",
  ],
])("who sends %s is told how to call, without an error code, and the log says why", async (_, headers, reason) => {
  const response = await api.request("/v1/doctors", { headers });
  expect(response.status).toBe(401);
  expect(response.headers.get("WWW-Authenticate")).toBe(`ApiKey realm="appointments", Bearer realm="appointments"`);
  expect(lines).toContainEqual(expect.objectContaining({ msg: "request refused", code: "unauthenticated", reason }));
  expect(JSON.stringify(lines)).not.toMatch(/secret|dGhl/);
});

test("which scope is missing is said as RFC 6750 has it, to tokens and to keys, and logged with those that are there", async () => {
  const scoped = await api.request("/ops/outbox", {
    headers: { Authorization: `Bearer ${await sign({ scope: "appointments:read appointments.write" })}` },
  });
  expect(scoped.status).toBe(403);
  const description = `error="insufficient_scope", error_description="This needs the scope ops", scope="ops"`;
  expect(scoped.headers.get("WWW-Authenticate")).toBe(`Bearer realm="appointments", ${description}`);
  expect(lines).toContainEqual(expect.objectContaining({
    msg: "request refused",
    code: "forbidden",
    caller: "token:service-7",
    needed: ["ops"],
    scopes: ["appointments:read"],
    unknownScopes: ["appointments.write"],
  }));
  const keyed = await api.send("GET", "/ops/outbox", undefined, { "X-API-Key": readOnlyKey });
  expect(keyed.headers.get("WWW-Authenticate")).toBe(`ApiKey realm="appointments", ${description}`);
});

test("overbooking needs two scopes, and both are named", async () => {
  const refused = await api.send("POST", "/v1/appointments", { ...booking, overbook: true }, { "X-API-Key": otherKey });
  expect(refused.status).toBe(403);
  expect(refused.headers.get("WWW-Authenticate")).toContain(`scope="appointments:write appointments:overbook"`);
  expect(JSON.stringify(lines)).not.toContain(apiKey);
});
