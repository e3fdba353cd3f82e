import { expect, test } from "vitest";
import { errorText, isIdentifier } from "./error-text.ts";

test("an error's text holds no e-mail address and no phone number", () => {
  expect(errorText(new Error("550 <ann.b+c@example.org>: unknown\n, call +49 170 1234567")))
    .toBe("550 <<e-mail>>: unknown , call <phone>");
});

test("identifiers and numbers stay readable", () => {
  const text = "event 0b7c1c3e-8a0e-4b2b-9d6e-0d6a0f2f9a11 failed after 12 s";
  expect(errorText(new Error(text))).toBe(text);
});

test.each(["ann@example.org", "+491701234567", "Jane Marker", "", "x".repeat(129), "ümlaut", 7, null, undefined])(
  "%s is no identifier",
  (value) => expect(isIdentifier(value)).toBe(false),
);

test.each(["0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11", "request-7", "1732700000000", "urn:x:y", "a/b=c"])(
  "%s is an identifier",
  (value) => expect(isIdentifier(value)).toBe(true),
);
