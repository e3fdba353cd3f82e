import { expect, test } from "vitest";
import { bundle, dereference } from "./bundle.ts";
import { DocumentError } from "./finding.ts";

const read = (files: Record<string, object>) => (path: string) => JSON.stringify(files[path]);

function refused(files: Record<string, object>, file = "a.yaml"): unknown {
  try {
    bundle(file, read(files));
    return undefined;
  } catch (error) {
    return error instanceof DocumentError ? error.finding : error;
  }
}

test("a fragment is percent-decoded before it is a pointer", () => {
  const document = {
    components: {
      schemas: {
        "a b/c~d%": { type: "string" },
        One: { $ref: "#/components/schemas/a%20b~1c~0d%25" },
      },
    },
  };
  const whole = bundle("a.yaml", read({ "a.yaml": document }));
  expect(dereference(whole, { $ref: "#/components/schemas/One" })).toEqual({ type: "string" });
});

test("a fragment of another file is decoded as well", () => {
  const files = { "a.yaml": { x: { $ref: "b.yaml#/on%20top" } }, "b.yaml": { "on top": { type: "integer" } } };
  expect(bundle("a.yaml", read(files)).x).toEqual({ type: "integer" });
});

test("what is encoded wrongly is refused with its place", () => {
  expect(refused({ "a.yaml": { x: { $ref: "#/%zz" } } })).toMatchObject({ file: "a.yaml", pointer: "/x" });
});

const tree = (items: object) => ({ components: { schemas: { Tree: { type: "object", properties: { items } } } } });
const itself = { $ref: "#/components/schemas/Tree" };

test.each<[string, object, string]>([
  ["itself", tree(itself), "/components/schemas/Tree/properties/items"],
  ["a list of itself", tree({ type: "array", items: itself }), "/components/schemas/Tree/properties/items/items"],
  [
    "another one that holds it",
    {
      components: {
        schemas: {
          A: { properties: { b: { $ref: "#/components/schemas/B" } } },
          B: { properties: { a: { $ref: "#/components/schemas/A" } } },
        },
      },
    },
    "/components/schemas/A/properties/b",
  ],
])("a schema that holds %s is refused with file and pointer", (_, document, pointer) => {
  expect(refused({ "a.yaml": document })).toMatchObject({
    level: "error",
    file: "a.yaml",
    pointer,
    reason: expect.stringMatching(/which it is a part of/),
  });
});

test("the same schema in two places is no recursion", () => {
  const files = {
    "a.yaml": {
      components: {
        schemas: { Name: { type: "string" }, Both: { properties: { a: { $ref: "#/components/schemas/Name" } } } },
      },
      x: [{ $ref: "#/components/schemas/Both" }, { $ref: "#/components/schemas/Name" }],
    },
  };
  expect(refused(files)).toBeUndefined();
});
