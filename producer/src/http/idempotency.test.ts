import { expect, test } from "vitest";
import { readIdempotency } from "./idempotency.ts";

const request = { method: "POST", path: "/v1/appointments", body: { a: 1, b: [{ c: 2, d: 3 }] } };
const fingerprint = (change: object = {}) => readIdempotency("key", "caller", { ...request, ...change })?.fingerprint;

test("without the header there is nothing to remember", () => {
  expect(readIdempotency(undefined, "caller", request)).toBeUndefined();
});

test("the fingerprint is the same whatever the order of members, at any depth", () => {
  expect(fingerprint({ body: { b: [{ d: 3, c: 2 }], a: 1 } })).toBe(fingerprint());
});

test.each([{ method: "PUT" }, { path: "/v1/other" }, { body: { a: 1 } }, { body: { a: 1, b: [{ c: 2, d: "3" }] } }, {
  body: undefined,
}])(
  "the fingerprint is another with %j",
  (change) => {
    expect(fingerprint(change)).not.toBe(fingerprint());
  },
);
