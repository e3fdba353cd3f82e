import { Buffer } from "node:buffer";
import { createSecretKey, randomBytes } from "node:crypto";
import { CompactEncrypt, type CompactJWEHeaderParameters } from "jose";
import { expect, test } from "vitest";
import { decryptJwe, MalformedJweError, readJwe } from "./jwe.ts";

const bytes = randomBytes(32);
const key = createSecretKey(bytes);
const header = { alg: "dir", enc: "A256GCM", kid: "one" };

/** By jose, as the producer encrypts. */
const encrypt = (text: string, more: Partial<CompactJWEHeaderParameters> = {}, by: Uint8Array = bytes) =>
  new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader({ ...header, ...more }).encrypt(by);

const inPart = (jwe: string, place: number, change: (part: Buffer) => Buffer) =>
  jwe.split(".").map((part, at) => at === place ? change(Buffer.from(part, "base64url")).toString("base64url") : part)
    .join(".");

test("what jose encrypts is read, whatever it says and however long", async () => {
  for (const text of ["", "{}", "Ärztin 🩺", "x".repeat(10_000)]) {
    const jwe = readJwe(await encrypt(text));
    expect(jwe.header).toEqual(header);
    expect(decryptJwe(jwe, key).toString()).toBe(text);
  }
});

test("a change of one bit anywhere, and another key, are noticed", async () => {
  const jwe = await encrypt("something");
  for (const place of [2, 3, 4]) {
    for (const bit of [0, 7, 60]) {
      const changed = inPart(jwe, place, (part) => {
        part[bit >> 3]! ^= 1 << (bit & 7);
        return part;
      });
      expect(() => decryptJwe(readJwe(changed), key), `bit ${bit} of part ${place}`).toThrow();
    }
  }
  const header = inPart(jwe, 0, (part) => Buffer.from(part.toString().replace("one", "two")));
  expect(() => decryptJwe(readJwe(header), key)).toThrow();
  expect(() => decryptJwe(readJwe(jwe), createSecretKey(randomBytes(32)))).toThrow();
});

test("a shorter tag is not taken, which would be easier to guess, nor another vector", async () => {
  const jwe = await encrypt("something");
  for (const bytes of [0, 4, 12, 15]) {
    expect(() => readJwe(inPart(jwe, 4, (tag) => tag.subarray(0, bytes)))).toThrow(MalformedJweError);
  }
  expect(() => readJwe(inPart(jwe, 2, (vector) => vector.subarray(1)))).toThrow(MalformedJweError);
});

test("another algorithm, compression and what has to be understood are not taken", async () => {
  const jwe = await encrypt("something");
  const fields = [{ alg: "A256KW" }, { enc: "A128GCM" }, { enc: "A256CBC-HS512" }, { zip: "DEF" }, { crit: ["exp"] }];
  for (const more of fields) {
    const asked = inPart(jwe, 0, () => Buffer.from(JSON.stringify({ ...header, ...more })));
    expect(() => readJwe(asked), JSON.stringify(more)).toThrow(MalformedJweError);
  }
});

test("what is no JWE is malformed", async () => {
  const [head, , ...rest] = (await encrypt("something")).split(".");
  const nothing = ["", "....", "nothing", `${head}..${rest.slice(0, 2).join(".")}`, `${head}.AAAA.${rest.join(".")}`];
  const headers = ["null", "[", '"dir"', "7"].map((text) =>
    [Buffer.from(text).toString("base64url"), "", ...rest].join(".")
  );
  for (const text of [...nothing, ...headers, `${head}..${rest.join(".")}.more`]) {
    expect(() => readJwe(text), text).toThrow(MalformedJweError);
  }
});
