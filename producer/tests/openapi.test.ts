import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, createApi } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

type Media = { example?: unknown; examples?: object };
type Operation = {
  summary: string;
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
};
type Document = { openapi: string; paths: Record<string, Record<string, Operation>> };

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
