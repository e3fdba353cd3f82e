import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiKey, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

type Parameter = {
  name: string;
  in: string;
  required?: boolean;
  example?: unknown;
  schema?: { format?: string; examples?: unknown[] };
};
type Operation = { parameters?: Parameter[]; requestBody?: { content: object } };

const origin = "https://desk.example.org";
let database: PrivateDatabase;
let api: Api;
let paths: Record<string, Record<string, Operation>>;
let server: Server;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { corsOrigins: [origin] });
  ({ paths } = await (await api.request("/openapi.json")).json());
  for (const name of ["lovelace", "hopper"]) await api.send("PUT", `/v1/doctors/dr-${name}`, doctor);
  server = createServer(getRequestListener((request) => api.request(request.url, request) as Promise<Response>));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.close();
  await database.drop();
});

const operations = () =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation }))
  );
const id = "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11";
const filled = (path: string) =>
  path.replace("{code}", "forbidden").replace("{id}", path.includes("doctors") ? "dr-lovelace" : id);
const queries = () =>
  operations().flatMap(({ method, path, operation }) =>
    (operation.parameters ?? []).filter((one) => one.in === "query").map((parameter) => ({
      method,
      path,
      operation,
      parameter,
    }))
  );
const examplesOf = ({ example, schema }: Parameter) =>
  [example, ...(schema?.examples ?? [])].filter((one) => one !== undefined).map(String);
/** What has to be there besides the parameter in question. */
const needed = (operation: Operation, without: string) =>
  (operation.parameters ?? []).filter((one) => one.in === "query" && one.required && one.name !== without)
    .map((one) => `${one.name}=${examplesOf(one)[0]}`);

test("every example of a query parameter survives being pasted into a shell as it is", async () => {
  const { port } = server.address() as AddressInfo;
  const pasted = queries().filter(({ parameter }) => parameter.name !== "cursor").flatMap((
    { path, operation, parameter },
  ) =>
    examplesOf(parameter).map((example) =>
      `${filled(path)}?${[...needed(operation, parameter.name), `${parameter.name}=${example}`].join("&")}`
    )
  );
  expect(pasted.length).toBeGreaterThan(1);
  for (const url of pasted) {
    const line = `curl -sS -o /dev/null -w '%{http_code}' -H 'X-API-Key: ${apiKey}' 'http://127.0.0.1:${port}${url}'`;
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", line]);
    expect([url, stdout]).toEqual([url, "200"]);
  }
});

test("a + that was not encoded is named in every parameter that takes one", async () => {
  const values: Record<string, string> = {
    "date-time": "2030-12-02T10:00:00+01:00",
    "email": "ada+visits@example.org",
  };
  const kindOf = ({ name, schema }: Parameter) => (name === "patientEmail" ? "email" : schema?.format ?? "");
  const dated = queries().filter(({ parameter }) => kindOf(parameter) in values);
  expect(dated.map(({ parameter }) => parameter.name)).toEqual(
    expect.arrayContaining(["from", "to", "createdSince", "updatedSince", "patientEmail"]),
  );
  for (const { path, operation, parameter } of dated) {
    const text = values[kindOf(parameter)] as string;
    const send = (value: string) =>
      api.send(
        "GET",
        `${filled(path)}?${[...needed(operation, parameter.name), `${parameter.name}=${value}`].join("&")}`,
      );
    const refused = await send(text);
    expect(refused.status, `${path} ${parameter.name}`).toBe(400);
    const { errors } = await refused.json();
    expect(errors).toEqual([{ in: "query", pointer: `#/${parameter.name}`, detail: expect.stringContaining("%2B") }]);
    expect(JSON.stringify(errors)).not.toContain(text.replace("+", " "));
    const encoded = await send(encodeURIComponent(text));
    expect(JSON.stringify(await encoded.json())).not.toContain(`"pointer":"#/${parameter.name}","detail":"has a space`);
  }
});

test("OPTIONS of every address answers 204 with what it takes", async () => {
  for (const [path, item] of Object.entries(paths)) {
    const response = await api.request(filled(path), { method: "OPTIONS" });
    expect([path, response.status]).toEqual([path, 204]);
    const allow = response.headers.get("Allow")?.split(", ") ?? [];
    const described = Object.keys(item).map((method) => method.toUpperCase());
    const heads = described.includes("GET") ? ["HEAD"] : [];
    expect(allow.toSorted()).toEqual([...described, ...heads, "OPTIONS"].toSorted());
    expect(response.headers.get("Accept-Patch")).toBe(
      described.includes("PATCH") ? "application/json, application/merge-patch+json" : null,
    );
  }
  expect((await api.request("/v1/nothing", { method: "OPTIONS" })).status).toBe(404);
});

test("a preflight may be kept for two hours, and is answered for trusted pages only", async () => {
  const preflight = (from: string) =>
    api.request("/v1/appointments", {
      method: "OPTIONS",
      headers: { Origin: from, "Access-Control-Request-Method": "POST" },
    });
  const trusted = await preflight(origin);
  expect([trusted.status, trusted.headers.get("Access-Control-Allow-Origin")]).toEqual([204, origin]);
  expect(trusted.headers.get("Access-Control-Max-Age")).toBe("7200");
  expect((await preflight("https://evil.example.org")).headers.get("Access-Control-Allow-Origin")).toBeNull();
});

const json = JSON.stringify(booking);
test.each([["gzip", gzipSync(json)], ["br", json], ["zstd", json], ["identity, gzip", json], ["x-unknown", json]])(
  "a body in Content-Encoding %s is refused by every operation that takes one, and it is said what is taken",
  async (coding, body) => {
    const writing = operations().filter(({ operation }) => operation.requestBody);
    expect(writing.length).toBeGreaterThan(5);
    for (const { method, path } of writing) {
      const response = await api.request(filled(path), {
        method: method.toUpperCase(),
        headers: {
          "X-API-Key": apiKey,
          "Content-Type": "application/json",
          "Content-Encoding": coding,
          "If-Match": "*",
        },
        body: new Uint8Array(typeof body === "string" ? new TextEncoder().encode(body) : body),
      });
      expect([path, response.status, response.headers.get("Accept-Encoding")]).toEqual([path, 415, "identity"]);
    }
  },
);

test.each(["identity", "Identity", "", "identity, identity"])("Content-Encoding: %j is none", async (coding) => {
  const response = await api.send("POST", "/v1/appointments/search", {}, { "Content-Encoding": coding });
  expect(response.status).toBe(200);
});

test("a PATCH in another media type is told which it may have", async () => {
  const response = await api.send("PATCH", `/v1/appointments/${id}`, {}, { "Content-Type": "text/plain" });
  expect([response.status, response.headers.get("Accept-Patch")]).toEqual([
    415,
    "application/json, application/merge-patch+json",
  ]);
});
