import { Buffer } from "node:buffer";
import { createDecipheriv, type KeyObject } from "node:crypto";

/** A compact JWE (RFC 7516) with `dir` and A256GCM, the only kind there is here. */
export interface Jwe {
  header: Readonly<Record<string, unknown>>;
  parts: readonly [header: string, vector: Buffer, ciphertext: Buffer, tag: Buffer];
}

export class MalformedJweError extends Error {
  override name = "MalformedJweError";
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
const [vectorBytes, tagBytes] = [12, 16];

function readHeader(encoded: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(utf8.decode(Buffer.from(encoded, "base64url")));
    if (typeof header === "object" && header !== null) return header as Record<string, unknown>;
  } catch (cause) {
    throw new MalformedJweError("The protected header is not JSON", { cause });
  }
  throw new MalformedJweError("The protected header is not an object");
}

/** Nothing of it is vouched for before it is decrypted. Throws a MalformedJweError. */
export function readJwe(text: string): Jwe {
  const [encoded, key, ...rest] = text.split(".");
  const [vector, ciphertext, tag] = rest.map((part) => Buffer.from(part, "base64url"));
  if (rest.length !== 3 || key !== "") throw new MalformedJweError("It has not the five parts of a JWE with `dir`");
  if (vector!.length !== vectorBytes || tag!.length !== tagBytes) {
    throw new MalformedJweError("Its initialization vector or its tag is not as long as A256GCM has it");
  }
  const header = readHeader(encoded!);
  const { alg, enc, crit, zip } = header;
  if (alg !== "dir" || enc !== "A256GCM" || crit !== undefined || zip !== undefined) {
    throw new MalformedJweError("Its header asks for another algorithm than `dir` with A256GCM, or for more");
  }
  return { header, parts: [encoded!, vector!, ciphertext!, tag!] };
}

/** Throws where it was changed, or encrypted under another key. */
export function decryptJwe({ parts: [header, vector, ciphertext, tag] }: Jwe, key: KeyObject): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, vector, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(header, "ascii"));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}
