import { expect, it } from "vitest";
import { requiresTls } from "./requires-tls.ts";

it.each([
  ["smtp://localhost", false],
  ["smtp://LOCALHOST:1025", false],
  ["smtp://mail.localhost", false],
  ["smtp://127.0.0.1:25", false],
  ["smtp://127.8.9.10:25", false],
  ["smtp://[::1]:25", false],
  ["smtp://clinic:secret@localhost", true],
  ["smtp://clinic@localhost", true],
  ["smtp://mail.clinic.example", true],
  ["smtp://clinic:secret@mail.clinic.example:587", true],
  ["smtp://127.0.0.1.clinic.example", true],
  ["smtp://localhost.clinic.example", true],
  ["smtp://10.0.0.1", true],
  ["smtp://[2001:db8::1]:25", true],
  ["smtp://0.0.0.0", true],
])("%s: %s", (url, required) => {
  expect(requiresTls(url, ["mailpit"])).toBe(required);
});

it("is not required of a host that is exempted, and of no other", () => {
  expect(requiresTls("smtp://clinic:secret@mailpit:1025", ["mailpit"])).toBe(false);
  expect(requiresTls("smtp://MAILPIT:1025", ["mailpit"])).toBe(false);
  expect(requiresTls("smtp://mailpit.example:1025", ["mailpit"])).toBe(true);
});
