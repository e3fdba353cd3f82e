import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, apiKey, booking, createApi, doctor } from "../api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "../private-database.ts";
import { startCompressingProxy } from "./compressing-proxy.ts";

let database: PrivateDatabase;
let server: Server;
let proxy: Awaited<ReturnType<typeof startCompressingProxy>>;

beforeAll(async () => {
  database = await createPrivateDatabase();
  const api = createApi(database.sql);
  server = createServer(getRequestListener((request) => api.request(request.url, request) as Promise<Response>));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy = await startCompressingProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(async () => {
  await proxy.stop();
  server.close();
  await database.drop();
});

function send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
  return fetch(`${proxy.url}${path}`, {
    method,
    headers: { "X-API-Key": apiKey, "Content-Type": "application/json", "Accept-Encoding": "gzip", ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

test("what nginx with gzip makes of an ETag is good for every kind of precondition", async () => {
  const booked = await send("POST", "/v1/appointments", booking);
  const { id } = await booked.json();
  const address = `/v1/appointments/${id}`;
  const read = await send("GET", address);
  const tag = read.headers.get("ETag") ?? "";
  // nginx did what it is here for.
  expect([read.headers.get("Content-Encoding"), tag]).toEqual(["gzip", `W/"1"`]);
  expect((await read.json()).id).toBe(id);

  expect((await send("GET", address, undefined, { "If-None-Match": tag })).status).toBe(304);
  const changed = await send("PATCH", address, { locale: "fr" }, { "If-Match": tag });
  expect([changed.status, changed.headers.get("ETag")]).toEqual([200, `W/"2"`]);
  expect((await send("PATCH", address, { locale: "de" }, { "If-Match": tag })).status).toBe(412);
  const cancelled = await send("POST", `${address}/cancel`, {}, { "If-Match": changed.headers.get("ETag") ?? "" });
  expect(cancelled.status).toBe(200);
  const known = await send("GET", "/v1/doctors/dr-lovelace");
  const replaced = await send("PUT", "/v1/doctors/dr-lovelace", { ...doctor, name: "Ada King" }, {
    "If-Match": known.headers.get("ETag") ?? "",
  });
  expect(replaced.status).toBe(200);
});
