import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

type Media = { schema?: Node; example?: unknown; examples?: object };
type Parameter = {
  name: string;
  in: string;
  description?: string;
  required?: boolean;
  example?: unknown;
  examples?: unknown;
  schema?: { default?: unknown; examples?: unknown };
  $ref?: string;
};
type Node = {
  description?: string;
  properties?: Record<string, Node>;
  items?: Node;
  $ref?: string;
};
type Operation = {
  operationId: string;
  summary: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Node>; parameters: Record<string, Parameter> };
};

let database: PrivateDatabase;
let api: Api;
let document: Document;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
  document = await (await api.request("/openapi.json")).json();
});
afterAll(() => database.drop());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, operation }))
  );

test("the description is OpenAPI 3.1 and a linter finds nothing wrong with it", async () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  const folder = await mkdtemp(join(tmpdir(), "openapi-"));
  const file = join(folder, "openapi.json");
  await writeFile(file, JSON.stringify(document));
  const require = createRequire(import.meta.url);
  const redocly = join(require.resolve("@redocly/cli/package.json"), "..", "bin", "cli.js");
  const config = fileURLToPath(new URL("../redocly.yaml", import.meta.url));
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  const linted = promisify(execFile)(process.execPath, [redocly, "lint", file, "--config", config], { env });
  const { stdout, stderr } = await linted.catch((error) => error);
  await rm(folder, { recursive: true });
  expect(stdout + stderr).toContain("Your API description is valid");
}, 60_000);

test("every operation has an example of each body that it takes or gives", () => {
  expect(operations().length).toBeGreaterThan(18);
  for (const { name, operation } of operations()) {
    const bodies = [operation.requestBody, ...Object.values(operation.responses)];
    for (const media of bodies.flatMap((body) => Object.values(body?.content ?? {}))) {
      expect(media.example ?? media.examples, name).toBeDefined();
    }
  }
});

test("every parameter says what it means, and its example and default are values that it takes", () => {
  for (const { operation } of operations()) {
    for (const one of operation.parameters ?? []) {
      const parameter = one.$ref ? document.components.parameters[one.$ref.split("/").at(-1) as string] : one;
      const name = `${operation.operationId} ${parameter?.name}`;
      expect(parameter?.description, name).toBeTruthy();
      const check = new Ajv2020({ strict: false, formats: { uuid: true, email: true, "date-time": true } });
      const schema = parameter?.schema ?? {};
      for (const value of [parameter?.example, schema.default].filter((value) => value !== undefined)) {
        expect(check.validate(schema, value), `${name} ${JSON.stringify(value)}`).toBe(true);
      }
    }
  }
});

test("a parameter has an example exactly where it is required: what can be left out is never prefilled", () => {
  const parameters = operations().flatMap(({ operation }) =>
    (operation.parameters ?? []).map((one) => ({
      name: `${operation.operationId} ${one.name ?? one.$ref}`,
      parameter: one.$ref ? document.components.parameters[one.$ref.split("/").at(-1) as string] : one,
    }))
  );
  const has = (parameter: Parameter | undefined) =>
    JSON.stringify([parameter?.example, parameter?.examples, parameter?.schema?.examples]) !== "[null,null,null]";
  expect(
    parameters.filter(({ parameter }) => has(parameter) !== (parameter?.required ?? false)).map(({ name }) => name),
  )
    .toEqual([]);
  expect(parameters.filter(({ parameter }) => parameter?.required).length).toBeGreaterThan(5);
});

/** The fields without a description, however deep; a reference is looked at where it leads. */
function undescribed(node: Node, path: string): string[] {
  const fields = Object.entries(node.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description || field.$ref ? [] : [`${path}.${name}`]),
    ...undescribed(field, `${path}.${name}`),
  ]);
  return [...fields, ...(node.items ? undescribed(node.items, `${path}[]`) : [])];
}

test("every field of every body says what it means", () => {
  const bodies = operations().flatMap(({ name, operation }) =>
    [operation.requestBody, ...Object.values(operation.responses)].flatMap((body) =>
      Object.values(body?.content ?? {}).map(({ schema }) => ({ name, schema }))
    )
  );
  const inline = bodies.flatMap(({ name, schema }) => undescribed(schema ?? {}, name));
  const named = Object.entries(document.components.schemas).flatMap(([name, node]) => undescribed(node, name));
  expect([...new Set([...inline, ...named])]).toEqual([]);
});

test("an answer begins with what identifies it, and its members come in the described order", async () => {
  const hours = {
    workingHours: [{ weekday: 1, start: "00:00", end: "24:00" }],
    exceptions: [{ date: "2030-12-24", intervals: [{ start: "09:00", end: "12:00" }] }],
  };
  const added = await api.send("PUT", "/v1/doctors/dr-lovelace", { ...doctor, phone: "+4930111111", ...hours });
  const read = await api.send("GET", "/v1/doctors/dr-lovelace");
  const booked = await api.send("POST", "/v1/appointments", { ...booking, patientPhone: "+4930123456", locale: "de" });
  const { id } = await booked.clone().json() as { id: string };
  const cancelled = await api.send("POST", `/v1/appointments/${id}/cancel`, { cancelledBy: "patient" });
  const listed = await (await api.send("GET", "/v1/appointments")).json();

  const order = (schema: string) => Object.keys(document.components.schemas[schema]?.properties ?? {});
  expect(order("Appointment").slice(0, 3)).toEqual(["id", "status", "version"]);
  expect(order("Doctor").slice(0, 2)).toEqual(["id", "version"]);
  for (const answer of [await added.json(), await read.json()]) {
    expect(Object.keys(answer)).toEqual(order("Doctor").filter((name) => name in answer));
    expect(JSON.stringify(answer)).toContain(JSON.stringify(hours).slice(1, -1));
  }
  for (const answer of [await booked.json(), await cancelled.json(), listed.items[0]]) {
    expect(Object.keys(answer)).toEqual(order("Appointment").filter((name) => name in answer));
  }
});

test("the reference page and all that it loads come from this service", async () => {
  const page = await api.request("/docs");
  expect(page.headers.get("Content-Type")).toContain("text/html");
  expect(page.headers.get("Content-Security-Policy")).toContain("default-src 'self'");
  const html = await page.text();
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address as string);
  expect(addresses).toHaveLength(3);
  for (const address of addresses) {
    expect(address).toMatch(/^\/docs\//);
    expect((await api.request(address)).status).toBe(200);
  }
});

test("every type of problem can be looked up", async () => {
  const conflict = await api.request("/problems/slot-unavailable");
  expect(await conflict.json()).toMatchObject({ type: "/problems/slot-unavailable", status: 409 });
  expect((await api.request("/problems/constructor")).status).toBe(404);
});

/** Where a schema has a default, however deep. */
function defaults(node: unknown, path: string): string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => [
    ...(name === "default" ? [path] : []),
    ...(name === "example" || name === "examples" ? [] : defaults(value, `${path}.${name}`)),
  ]);
}

test("no body has a field with a default, which generated clients would demand, and the text says what is meant", () => {
  const bodies = operations().filter(({ operation }) => operation.requestBody);
  const inline = bodies.flatMap(({ name, operation }) => defaults(operation.requestBody, name));
  const named = Object.entries(document.components.schemas).flatMap(([name, node]) => defaults(node, name));
  expect([...inline, ...named]).toEqual([]);
  expect(document.components.schemas["NewAppointment"]?.properties?.["durationMinutes"]?.description)
    .toContain("30 where it is not given");
});

test("what is called overbook says what it passes over, and what false does", () => {
  const text = (schema: string) => document.components.schemas[schema]?.properties?.["overbook"]?.description ?? "";
  for (const schema of ["NewAppointment", "AppointmentChange"]) {
    expect(text(schema)).toContain("neither is checked");
    expect(text(schema)).not.toMatch(/passes the checks/i);
  }
  expect(text("AppointmentChange")).toContain("false makes");
});
