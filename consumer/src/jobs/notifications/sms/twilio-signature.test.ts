import { expect, test } from "vitest";
import { isSignedBy } from "./twilio-signature.ts";

const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
const form = new URLSearchParams({
  To: "+18005551212",
  CallSid: "CA1234567890ABCDE",
  From: "+12349013030",
  Digits: "1234",
  Caller: "+12349013030",
});
/** Of Twilio's own libraries, for the token 12345. */
const signature = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=";

test("a form is signed as Twilio's libraries sign it", () => {
  expect(isSignedBy("12345", url, form, signature)).toBe(true);
});

test.each([
  ["another token", "54321", url, signature],
  ["another address", "12345", `${url}&x=1`, signature],
  ["no signature", "12345", url, ""],
  ["a longer one", "12345", url, `${signature}=`],
])("%s is not", (_, token, address, given) => expect(isSignedBy(token, address, form, given)).toBe(false));

test("a field more or less, or another value, is not", () => {
  for (const change of [{ Digits: "1235" }, { More: "1" }, { Digits: "" }]) {
    const changed = new URLSearchParams({ ...Object.fromEntries(form), ...change });
    expect(isSignedBy("12345", url, changed, signature)).toBe(false);
  }
});
