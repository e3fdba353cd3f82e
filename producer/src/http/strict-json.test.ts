import { expect, test } from "vitest";
import { RequestError } from "./request-error.ts";
import { parseStrictJson } from "./strict-json.ts";

function pointerOf(text: string): unknown {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const [first] = (error.members["errors"] ?? []) as { pointer: string }[];
    return first?.pointer ?? "no JSON";
  }
  return "accepted";
}

test.each([
  `{"a":[1,{"b":"c"}],"d":null}`,
  `[]`,
  `"text"`,
  `{"a":{"x":1},"b":{"x":1}}`,
  `{"a":"a","b":"{,}[:"}`,
  `"\\ud83d\\ude00"`,
])(
  "%s is accepted",
  (text) => {
    expect(pointerOf(text)).toBe("accepted");
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  },
);

test.each([
  [`{"a":1,"a":1}`, "#/a"],
  [`{"a":1,"\\u0061":1}`, "#/a"],
  [`{"list":[{"x":1},{"y":1,"y":2}]}`, "#/list/1/y"],
  [`{"a":{"b":1},"c":{"b":1,"b":1}}`, "#/c/b"],
  [`{"a":"\\u0000"}`, "#/a"],
  [`["ok","\\udc00"]`, "#/1"],
  [`{"a":1`, "no JSON"],
  [`{"a":1,}`, "no JSON"],
  [``, "no JSON"],
])("%s is refused at %s", (text, pointer) => {
  expect(pointerOf(text)).toBe(pointer);
});

test("32 levels are accepted and 33 are not", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  expect(pointerOf(nested(32))).toBe("accepted");
  expect(pointerOf(nested(33))).toBe(`#${"/0".repeat(32)}`);
});
