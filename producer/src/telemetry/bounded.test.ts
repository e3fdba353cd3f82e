import { expect, test } from "vitest";
import { bounded } from "./bounded.ts";

const long = "0".repeat(60_000);

test("no text of a line is longer than a person reads, wherever it stands", () => {
  const error = new RangeError(`Cannot parse: ${long}`, { cause: new Error(long) });
  for (const fields of [{ long }, { err: error }, { list: [{ long }] }]) {
    expect(JSON.stringify(bounded(fields)).length).toBeLessThan(10_000);
  }
});

test("an error keeps its name, its message, where it was thrown, and what names no value", () => {
  const error = Object.assign(new RangeError(`Cannot parse: ${long}`), { code: "23P01", detail: "(Jane Marker)" });
  const { err } = bounded({ err: error }) as { err: Record<string, string> };
  expect(err).toMatchObject({
    type: "RangeError",
    code: "23P01",
    message: expect.stringMatching(/^Cannot parse: 0+$/),
  });
  expect(err["stack"]).toContain("bounded.test.ts");
  expect(JSON.stringify(err)).not.toContain("Marker");
});

test("the cause of an error and the errors of several are told like any other", () => {
  const quoting = Object.assign(new Error("550 <ann@example.org>"), { response: "550 Jane Marker" });
  const several = new AggregateError([quoting], "none answered", { cause: quoting });
  const line = JSON.stringify(bounded({ err: several }));
  expect(line).toContain("550 <<e-mail>>");
  expect(line).not.toMatch(/Marker|ann@/);
});

test("what is short stays as it is", () => {
  const at = new Date();
  expect(bounded({ msg: "x", count: 1, at, nothing: null, list: [1, "a"] }))
    .toEqual({ msg: "x", count: 1, at, nothing: null, list: [1, "a"] });
});
