import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

type Node = { properties?: Record<string, Node>; items?: Node; anyOf?: Node[]; $ref?: string };
type Parameter = { name: string; in: string; required?: boolean; example?: unknown };
type Operation = {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Node; example: unknown }> };
};
type FieldError = { in: string; pointer: string; detail: string };

let database: PrivateDatabase;
let api: Api;
let schemas: Record<string, Node>;
let operations: { method: string; path: string; operation: Operation }[];

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
  const document = await (await api.request("/openapi.json")).json();
  schemas = document.components.schemas;
  operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }))
  );
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(() => database.drop());

/** Not to be seen in any answer. */
const marker = "zqzq secret value";
const wrong: unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e9,
  "",
  marker,
  `${marker}-`.repeat(40),
  [],
  [marker],
  Array(2_000).fill(marker),
  {},
  { other: marker },
];
const id = "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11";
const filled = (path: string) =>
  path.replace("{code}", "forbidden").replace("{id}", path.includes("doctors") ? "dr-lovelace" : id);

const resolve = (node: Node): Node => node.$ref ? resolve(schemas[node.$ref.split("/").at(-1)!]!) : node;

/** Where values stand in a body: the names from the root. */
function places(node: Node, path: (string | number)[] = []): (string | number)[][] {
  const { properties = {}, items, anyOf = [] } = resolve(node);
  return [
    path,
    ...Object.entries(properties).flatMap(([name, field]) => places(field, [...path, name])),
    ...(items ? places(items, [...path, 0]) : []),
    ...anyOf.flatMap((one) => places(one, path).slice(1)),
  ];
}

/** A copy in which the place holds the value, on a path of objects and lists. */
function put(root: unknown, [key, ...rest]: (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof key === "number") return [put((root as unknown[] | undefined)?.[0], rest, value)];
  const object = typeof root === "object" && root !== null && !Array.isArray(root)
    ? root as Record<string, unknown>
    : {};
  return { ...object, [key]: put(object[key], rest, value) };
}

const libraryText = /invalid|but received|expected \(|expected "|undefined|\[object|NaN|Error/i;

async function expectOwnWords(
  response: { status: number; text(): Promise<string> },
  what: string,
): Promise<FieldError[]> {
  const text = await response.text();
  expect(response.status, `${what}\n${text}`).toBeLessThan(500);
  if (response.status !== 400) return [];
  expect(text, what).not.toContain(marker);
  const { detail, errors = [] } = JSON.parse(text) as { detail: string; errors?: FieldError[] };
  for (const words of [detail, ...errors.map((error) => error.detail)]) {
    expect(words, what).not.toMatch(libraryText);
    expect(words.length, what).toBeLessThan(400);
  }
  return errors;
}

test("whatever is wrong in a body, every operation says it in our words and quotes nothing of it", async () => {
  const said = new Set<string>();
  let requests = 0;
  for (const { method, path, operation } of operations) {
    const media = operation.requestBody?.content["application/json"];
    if (!media) continue;
    for (const place of places(media.schema)) {
      for (const value of wrong) {
        const body = put(media.example, place, value);
        const response = await api.send(method, filled(path), body, { "If-Match": "*" });
        const errors = await expectOwnWords(
          response,
          `${method} ${path} ${place.join(".")} ${JSON.stringify(value)?.slice(0, 60)}`,
        );
        for (const error of errors) said.add(error.detail);
        requests++;
      }
    }
    const unknown = await api.send(method, filled(path), { ...media.example as object, ["x".repeat(5_000)]: marker });
    expect((await unknown.clone().text()).length).toBeLessThan(1_000);
    await expectOwnWords(unknown, `${method} ${path} with an unknown name`);
  }
  expect(requests).toBeGreaterThan(500);
  // Each way to be wrong has words of its own.
  for (
    const words of [
      "expected text",
      "expected a number",
      "expected true or false",
      "expected a list",
      "expected an object",
    ]
  ) {
    expect([...said].some((detail) => detail.endsWith(words)), words).toBe(true);
  }
  expect([...said].filter((detail) => detail === "is not acceptable")).toEqual([]);
}, 300_000);

test("the same holds for every parameter", async () => {
  let requests = 0;
  for (const { method, path, operation } of operations) {
    const parameters = operation.parameters?.filter((one) => one.in === "query" || one.in === "path") ?? [];
    for (const { name, in: where } of parameters) {
      for (const value of ["", marker, "-1", "1e9", "null", `${marker}-`.repeat(40), "%00", "a b"]) {
        const encoded = value === "%00" ? value : encodeURIComponent(value);
        const needed = parameters.filter((one) => one.in === "query" && one.required && one.name !== name)
          .map((one) => `${one.name}=${one.example}`);
        const query = [...needed, ...(where === "query" ? [`${name}=${encoded}`, `${name}x=${encoded}`] : [])].join(
          "&",
        );
        const address = where === "path" ? path.replace(`{${name}}`, encoded || "zqzq%20secret") : filled(path);
        const response = await api.send(method, `${address}?${query}`, method === "GET" ? undefined : {});
        const text = await response.text();
        // An id that is well formed is named in the answer that it does not exist.
        if (response.status === 404) continue;
        await expectOwnWords({ status: response.status, text: () => Promise.resolve(text) }, `${address}?${query}`);
        requests++;
      }
      const twice = await api.send(method, `${filled(path)}?${name}=1&${name}=2`, method === "GET" ? undefined : {});
      await expectOwnWords(twice, `${path} ${name} twice`);
    }
  }
  expect(requests).toBeGreaterThan(200);
}, 300_000);

test.each(["{", `{"a": ${marker}}`, "[1,", marker, `{"a": 1, "a": 2}`, "[".repeat(40) + "]".repeat(40), "\u0000"])(
  "a body that is no JSON of ours is refused in our words: %j",
  async (body) => {
    const response = await api.request("/v1/appointments", {
      method: "POST",
      headers: { "X-API-Key": "the-key-of-the-tests", "Content-Type": "application/json" },
      body,
    });
    expect(response.status).toBe(400);
    await expectOwnWords(response, body);
  },
);
