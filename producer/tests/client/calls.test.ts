import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import { type Appointment, type Client, createClient, ProblemError } from "../../client/src/client.ts";
import { booking } from "../api-under-test.ts";
import { type ServiceUnderTest, startService } from "./service-under-test.ts";

let service: ServiceUnderTest;
let client: Client;

beforeAll(async () => {
  service = await startService();
  client = service.client();
});
afterAll(() => service.stop());

test("a caller in TypeScript books, moves and lists with the types of the OpenAPI document", async () => {
  const booked = await client.post("/v1/appointments", { body: booking, headers: { "Idempotency-Key": "key-1" } });
  expectTypeOf(booked.body).toEqualTypeOf<Appointment>();
  expectTypeOf(booked.status).toEqualTypeOf<201>();

  const params = { id: booked.body.id };
  const headers = { "If-Match": booked.headers.get("ETag") ?? "" };
  await client.patch("/v1/appointments/{id}", { params, headers, body: { durationMinutes: 45 } });
  await client.post("/v1/appointments/{id}/cancel", { params });

  const { body } = await client.get("/v1/appointments", {
    query: { doctorId: "dr-lovelace", status: ["booked", "cancelled"], limit: 10 },
  });
  expect(body.items.map(({ durationMinutes, status }) => [durationMinutes, status])).toEqual([[45, "cancelled"]]);
});

test("who sends If-None-Match, and nobody else, may be told that nothing changed", async () => {
  const params = { id: "dr-lovelace" };
  const read = await client.get("/v1/doctors/{id}", { params });
  expectTypeOf(read.status).toEqualTypeOf<200>();
  const etag = read.headers.get("ETag") ?? "";
  const again = await client.get("/v1/doctors/{id}", { params, headers: { "If-None-Match": etag } });
  expectTypeOf(again.status).toEqualTypeOf<200 | 304>();
  expect(again).toMatchObject({ status: 304, body: undefined });
});

test("a refusal is an error with the problem", async () => {
  const refused = client.post("/v1/appointments", { body: { ...booking, doctorId: "nobody" } });
  await expect(refused).rejects.toThrow(ProblemError);
  await expect(refused).rejects.toMatchObject({
    problem: { type: "/problems/unknown-doctor", status: 400, errors: [{ pointer: "#/doctorId" }] },
    code: "unknown-doctor",
    attempts: 1,
  });
});

const html = { "Content-Type": "text/html" };
const json = { "Content-Type": "application/json" };
const problem = { "Content-Type": "application/problem+json; charset=utf-8" };

test.each([
  ["a proxy's page", "<h1>Forbidden</h1>", html],
  ["no body", "", {}],
  ["JSON that is no problem", `{"message":"no upstream"}`, json],
  ["a problem that was cut off", `{"type":"/probl`, problem],
  ["a problem that says nothing", `null`, problem],
])("a refusal with %s is an error with a problem made from the status", async (_, body, headers) => {
  service.gateway.plan({ status: 403, headers, body });
  const refused = client.get("/v1/doctors");
  await expect(refused).rejects.toThrow(ProblemError);
  await expect(refused).rejects.toMatchObject({ problem: { type: "about:blank", title: "Forbidden", status: 403 } });
});

test("a success that is no JSON is no success", async () => {
  service.gateway.plan({ status: 200, headers: html, body: "<h1>Sign in to this network</h1>" });
  await expect(client.get("/v1/doctors")).rejects.toThrow(
    "GET /v1/doctors answered 200 with text/html, not with JSON",
  );
});

test("credentials go to no address that the service's is redirected to", async () => {
  service.gateway.plan({ status: 307, headers: { Location: `${service.gateway.url}/elsewhere` } });
  await expect(client.get("/v1/doctors")).rejects.toMatchObject({ status: 307 });
  expect(service.gateway.requests).toHaveLength(1);
});

test("a token is asked for anew with each attempt", async () => {
  let asked = 0;
  const { baseUrl, token } = { baseUrl: service.gateway.url, token: () => `token-${++asked}` };
  service.gateway.plan({ status: 503 }, { status: 503 });
  const withToken = createClient({ baseUrl, token, retries: { baseDelayMs: 1 } });
  await expect(withToken.get("/v1/doctors")).rejects.toMatchObject({ code: "unauthenticated" });
  expect(service.gateway.requests.map(({ headers }) => headers.authorization))
    .toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-3"]);
});

test.each(["", ".", ".."])("the id %j leads to no other address", async (id) => {
  service.gateway.plan();
  await expect(client.get("/v1/doctors/{id}", { params: { id } })).rejects.toThrow("needs the parameter id");
  expect(service.gateway.requests).toEqual([]);
});

test("what an address can't hold is encoded", async () => {
  service.gateway.plan();
  await client.get("/v1/doctors/{id}", { params: { id: "a/b?c" } }).catch(() => {});
  await client.get("/v1/appointments", { query: { from: "2030-12-02T00:00:00+01:00" } });
  expect(service.gateway.requests.map(({ url }) => url)).toEqual([
    "/v1/doctors/a%2Fb%3Fc",
    "/v1/appointments?from=2030-12-02T00%3A00%3A00%2B01%3A00",
  ]);
});

test("what the service would refuse does not compile", () => {
  const neverCalled = () => [
    // @ts-expect-error There is no such address.
    client.get("/v1/patients"),
    // @ts-expect-error That method is not taken there.
    client.put("/v1/appointments", { body: booking }),
    // @ts-expect-error A field is missing.
    client.post("/v1/appointments", { body: { doctorId: "dr-lovelace" } }),
    // @ts-expect-error There is no such field.
    client.post("/v1/appointments", { body: { ...booking, colour: "red" } }),
    // @ts-expect-error The id is missing.
    client.get("/v1/appointments/{id}"),
    // @ts-expect-error That is no status.
    client.get("/v1/appointments", { query: { status: "lost" } }),
    // @ts-expect-error One of them is no status.
    client.get("/v1/appointments", { query: { status: ["booked", "lost"] } }),
    // @ts-expect-error There is no such filter.
    client.get("/v1/appointments", { query: { doctor: "dr-lovelace" } }),
    // @ts-expect-error What is required of the query is missing.
    client.get("/v1/doctors/{id}/slots", { params: { id: "dr-lovelace" } }),
    // @ts-expect-error That operation takes no body.
    client.get("/v1/doctors", { body: {} }),
    // @ts-expect-error One appointment is no list.
    client.items("/v1/appointments/{id}", { params: { id: "1" } }),
  ];
  expect(neverCalled).toBeTypeOf("function");
});
