import { expect, test } from "vitest";
import { bounded } from "./bounded.ts";

const long = "0".repeat(60_000);

test("no text of a line is longer than a person reads, wherever it stands", () => {
  const error = new RangeError(`Cannot parse: ${long}`, { cause: new Error(long) });
  const { message, stack } = error;
  for (const fields of [{ long }, { err: error }, { err: { message, stack } }, { list: [{ long }] }]) {
    expect(JSON.stringify(bounded(fields)).length).toBeLessThan(10_000);
  }
});

test("an error keeps its name, its message, where it was thrown, and its own members", () => {
  const error = Object.assign(new RangeError(`Cannot parse: ${long}`), { code: "23P01" });
  const { message, stack } = error;
  for (const given of [error, { type: "RangeError", code: "23P01", message, stack }]) {
    const { err } = bounded({ err: given }) as { err: Record<string, string> };
    expect(err).toMatchObject({ type: "RangeError", code: "23P01" });
    expect(err["message"]).toMatch(/^Cannot parse: 0+… \(60014 characters\)$/);
    expect(err["stack"]).toContain("bounded.test.ts");
  }
});

test("what is short stays as it is", () => {
  const at = new Date();
  expect(bounded({ msg: "x", count: 1, at, nothing: null, list: [1, "a"] }))
    .toEqual({ msg: "x", count: 1, at, nothing: null, list: [1, "a"] });
});
