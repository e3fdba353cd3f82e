import { expect, test } from "vitest";
import { errorClass, errorText } from "./error-text.ts";

test("an error's text holds no e-mail address and no phone number", () => {
  expect(errorText(new Error("550 <ann.b+c@example.org>: unknown\n, call +49 170 1234567")))
    .toBe("550 <<e-mail>>: unknown , call <phone>");
});

test("identifiers and numbers stay readable", () => {
  const text = "event 0b7c1c3e-8a0e-4b2b-9d6e-0d6a0f2f9a11 failed after 12 s";
  expect(errorText(new Error(text))).toBe(text);
});

test("a database error is named with its SQLSTATE", () => {
  expect(errorClass(Object.assign(new Error("x"), { name: "PostgresError", code: "40P01" }))).toBe(
    "PostgresError 40P01",
  );
});
