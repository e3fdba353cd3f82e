import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiKey, Scope } from "../config.ts";
import { RequestError } from "./request-error.ts";

/** Who calls, and what they may do. */
export type Principal = { readonly name: string; readonly scopes: readonly Scope[] };

export type Authenticate = (header: (name: string) => string | undefined) => Promise<Principal>;

export function createAuthenticate(deps: { apiKeys: readonly ApiKey[] }): Authenticate {
  const known = deps.apiKeys.map(({ name, scopes, sha256 }) => ({ name, scopes, digest: Buffer.from(sha256, "hex") }));

  /** Compares with every key, each in constant time, so that the time to answer tells nothing. */
  function findByKey(key: string): Principal | undefined {
    const digest = createHash("sha256").update(key).digest();
    const matches = known.filter((candidate) => timingSafeEqual(candidate.digest, digest));
    return matches[0];
  }

  return (header) => {
    const key = header("x-api-key");
    const principal = key === undefined ? undefined : findByKey(key);
    if (principal) return Promise.resolve(principal);
    const detail = key === undefined ? "Send an API key in X-API-Key" : "The API key is not known";
    return Promise.reject(
      new RequestError("unauthenticated", detail, { headers: { "WWW-Authenticate": `ApiKey realm="appointments"` } }),
    );
  };
}
