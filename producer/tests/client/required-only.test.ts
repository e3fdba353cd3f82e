import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeApi } from "../../src/describe-api.ts";

type Schema = {
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  $ref?: string;
  anyOf?: Schema[];
};
type Operation = { requestBody?: { content: Record<string, { schema: Schema; example: unknown }> } };
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } };

const run = promisify(execFile);
const modules = fileURLToPath(new URL("../../client/node_modules/", import.meta.url));
let folder: string;
let document: Document;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "generated-client-"));
  document = await describeApi() as Document;
  await writeFile(join(folder, "openapi.json"), JSON.stringify(document));
  // As anybody would call it: with the generator's own defaults.
  const generator = join(modules, "openapi-typescript/bin/cli.js");
  await run(process.execPath, [generator, join(folder, "openapi.json"), "-o", join(folder, "api.ts")]);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

const resolve = (schema: Schema): Schema =>
  schema.$ref ? resolve(document.components.schemas[schema.$ref.split("/").at(-1)!]!) : schema;

/** The example with nothing but the fields that are required, however deep. */
function requiredOnly(schema: Schema, value: unknown): unknown {
  const { required = [], items } = resolve(schema);
  if (Array.isArray(value)) return value.map((one) => requiredOnly(items ?? {}, one));
  if (typeof value !== "object" || value === null) return value;
  const { properties = {} } = resolve(schema);
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => required.includes(name))
      .map(([name, field]) => [name, requiredOnly(properties[name] ?? {}, field)]),
  );
}

/** Compiles a program beside the generated types, and answers with what the compiler says. */
async function compile(program: string): Promise<string> {
  await writeFile(join(folder, "program.ts"), program);
  const options = [
    "--strict",
    "--noEmit",
    "--allowImportingTsExtensions",
    "--module",
    "nodenext",
    "--target",
    "es2022",
  ];
  const compiler = join(modules, "typescript/bin/tsc");
  const compiled = run(process.execPath, [compiler, ...options, join(folder, "program.ts")], { cwd: folder });
  return await compiled.then(() => "", (error) => error.stdout + error.stderr);
}

const bodies = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { requestBody }]) => {
      const media = requestBody?.content["application/json"];
      if (!media) return [];
      const type = `NonNullable<paths["${path}"]["${method}"]["requestBody"]>["content"]["application/json"]`;
      return [{ name: `${method} ${path}`, type, media }];
    })
  );

test("calls of a generated client with the required fields only compile, for every operation with a body", async () => {
  expect(bodies().length).toBeGreaterThan(10);
  const lines = bodies().map(({ type, media }, index) =>
    `export const body${index}: ${type} = ${JSON.stringify(requiredOnly(media.schema, media.example))};`
  );
  expect(await compile(`import type { paths } from "./api.ts";\n${lines.join("\n")}\n`)).toBe("");
}, 60_000);

test("without one of them a call does not compile", async () => {
  const needing = bodies().filter(({ media }) => (resolve(media.schema).required ?? []).length > 0);
  expect(needing.length).toBeGreaterThan(3);
  const lines = needing.map(({ type }, index) => `// @ts-expect-error\nexport const body${index}: ${type} = {};`);
  expect(await compile(`import type { paths } from "./api.ts";\n${lines.join("\n")}\n`)).toBe("");
}, 60_000);
