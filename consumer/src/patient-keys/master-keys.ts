import { Buffer } from "node:buffer";
import { createSecretKey, type KeyObject } from "node:crypto";
import * as v from "valibot";
import { decryptJwe, readJwe } from "./jwe.ts";

/** A key of 256 bits that wraps patients' keys, under the name by which a wrapped key says which one it was. */
export interface MasterKey {
  id: string;
  key: Uint8Array;
}

function readKey(entry: string): MasterKey | undefined {
  const [, id, encoded] = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9_-]{43})$/.exec(entry.trim()) ?? [];
  return id === undefined || encoded === undefined ? undefined : { id, key: Buffer.from(encoded, "base64url") };
}

/** `NAME:KEY` with commas between. What is wrong is not quoted: it may be a key. */
export const masterKeysVariable = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): MasterKey[] => {
    const keys = dataset.value.split(",").map(readKey);
    const known = keys.filter((key) => key !== undefined);
    if (known.length === keys.length && new Set(known.map(({ id }) => id)).size === known.length) return known;
    addIssue({ message: "must be names with keys of 32 bytes in base64url, such as 2026-11:KEY, with commas between" });
    return NEVER;
  }),
);

export type Unwrap = (kid: string, wrapped: string) => KeyObject;

/** Throws where the master key is not known, or the wrapped key is another's or was changed. */
export function createUnwrap(masters: readonly MasterKey[]): Unwrap {
  const byId = new Map(masters.map(({ id, key }) => [id, createSecretKey(key)]));
  return (kid, wrapped) => {
    const jwe = readJwe(wrapped);
    const master = byId.get(String(jwe.header["kid"]));
    if (!master) throw new Error(`The key ${kid} is wrapped by a master key that PATIENT_KEYS_MASTER does not have`);
    const key = decryptJwe(jwe, master);
    if (jwe.header["wraps"] !== kid) throw new Error(`What is kept as the key ${kid} is another patient's`);
    return createSecretKey(key);
  };
}
