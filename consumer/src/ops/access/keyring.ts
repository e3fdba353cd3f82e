import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { OpsScope } from "./scopes.ts";

export interface OpsKey {
  /** Whom log lines and the audit trail name. */
  name: string;
  /** Of the key, in hex. */
  sha256: string;
  scopes: readonly OpsScope[];
}

/** The key's entry. Compares with every one, each in constant time, so that the time to answer tells nothing. */
export function findKey(keys: readonly OpsKey[], given: string): OpsKey | undefined {
  if (given === "") return undefined;
  const digest = createHash("sha256").update(given).digest();
  return keys.filter(({ sha256 }) => timingSafeEqual(Buffer.from(sha256, "hex"), digest))[0];
}
