import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { weaknessOfHmacKey, weaknessOfPublicKey, weaknessOfSeed } from "./weak-keys.ts";

test.each([
  ["zeros", Buffer.alloc(32)],
  ["one byte", Buffer.alloc(32, 0xa7)],
  ["a few bytes", Buffer.from("0102030405060708".repeat(4), "hex")],
  ["a sequence", Buffer.from(Array.from({ length: 32 }, (_, index) => 200 + 3 * index))],
  ["text", Buffer.from("correct horse battery staple 123")],
  ["RFC 8032's first", Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex")],
])("a secret of %s is refused", (_, seed) => {
  expect(weaknessOfSeed(seed)).toEqual(expect.any(String));
});

test("secrets of chance are taken", () => {
  for (let count = 0; count < 2_000; count++) expect(weaknessOfSeed(randomBytes(32))).toBeUndefined();
});

test("a public key of small order is refused, with either sign", () => {
  for (const y of ["00".repeat(32), `01${"00".repeat(30)}80`, `ec${"ff".repeat(31)}`]) {
    expect(weaknessOfPublicKey(Buffer.from(y, "hex"))).toContain("small order");
  }
  expect(weaknessOfPublicKey(randomBytes(32))).toBeUndefined();
});

test("an HMAC key has to be long and no repetition", () => {
  expect(weaknessOfHmacKey("secret")).toContain("32 characters");
  expect(weaknessOfHmacKey("ab".repeat(20))).toContain("repeats");
  expect(weaknessOfHmacKey(randomBytes(32).toString("hex"))).toBeUndefined();
});
