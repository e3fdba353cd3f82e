import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import { type Client, createClient, ProblemError } from "../src/client.ts";
import { apiKey, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let client: Client;

beforeAll(async () => {
  database = await createPrivateDatabase();
  const api = createApi(database.sql);
  client = createClient({
    baseUrl: "",
    headers: { "X-API-Key": apiKey },
    fetch: async (url, init) => await api.request(url, init) as Response,
  });
  await client.put("/v1/doctors/{id}", { params: { id: "dr-lovelace" }, body: doctor });
});
afterAll(() => database.drop());

test("a caller in TypeScript books, moves and lists with types from the same schemas that validate", async () => {
  const booked = await client.post("/v1/appointments", { body: booking, headers: { "Idempotency-Key": "key-1" } });
  expectTypeOf(booked.body.status).toEqualTypeOf<"booked" | "arrived" | "fulfilled" | "cancelled" | "noshow">();
  expectTypeOf(booked.status).toEqualTypeOf<201>();

  const params = { id: booked.body.id };
  const headers = { "If-Match": booked.headers.get("ETag") ?? "" };
  await client.patch("/v1/appointments/{id}", { params, headers, body: { durationMinutes: 45 } });
  await client.post("/v1/appointments/{id}/arrive", { params });

  const { body } = await client.get("/v1/appointments", { query: { doctorId: "dr-lovelace", limit: "10" } });
  expect(body.items.map(({ durationMinutes, status }) => [durationMinutes, status])).toEqual([[45, "arrived"]]);
});

test("a refusal is an error with the problem", async () => {
  const refused = client.post("/v1/appointments", { body: { ...booking, doctorId: "nobody" } });
  await expect(refused).rejects.toThrow(ProblemError);
  await expect(refused).rejects.toMatchObject({ problem: { type: "/problems/unknown-doctor", status: 400 } });
});

const html = { "Content-Type": "text/html" };
const json = { "Content-Type": "application/json" };
const problem = { "Content-Type": "application/problem+json; charset=utf-8" };

test.each([
  ["a proxy's page", "<h1>Bad Gateway</h1>", html],
  ["no body", null, {}],
  ["JSON that is no problem", `{"message":"no upstream"}`, json],
  ["a problem that was cut off", `{"type":"/probl`, problem],
  ["a problem that says nothing", `null`, problem],
])("a refusal with %s is an error with a problem made from the status", async (_, body, headers) => {
  const answer = new Response(body, { status: 502, statusText: "Bad Gateway", headers });
  const cutOff = createClient({ baseUrl: "", headers: {}, fetch: () => Promise.resolve(answer) });
  const refused = cutOff.get("/v1/doctors");
  await expect(refused).rejects.toThrow(ProblemError);
  await expect(refused).rejects.toMatchObject({ problem: { type: "about:blank", title: "Bad Gateway", status: 502 } });
});

test("a success that is no JSON is no success", async () => {
  const page = new Response("<h1>Sign in to this network</h1>", { status: 200, headers: html });
  const captive = createClient({ baseUrl: "", headers: {}, fetch: () => Promise.resolve(page) });
  await expect(captive.get("/v1/doctors")).rejects.toThrow(
    "GET /v1/doctors answered 200 with text/html, not with JSON",
  );
});

test("what the service would refuse does not compile", () => {
  const neverCalled = () => [
    // @ts-expect-error There is no such address.
    client.get("/v1/patients"),
    // @ts-expect-error That method is not taken there.
    client.put("/v1/appointments", { body: booking }),
    // @ts-expect-error A field is missing.
    client.post("/v1/appointments", { body: { doctorId: "dr-lovelace" } }),
    // @ts-expect-error The id is missing.
    client.get("/v1/appointments/{id}"),
    // @ts-expect-error That is no status.
    client.get("/v1/appointments", { query: { status: "lost" } }),
  ];
  expect(neverCalled).toBeTypeOf("function");
});
