import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiKey } from "../config.ts";
import type { Scope } from "../scopes.ts";
import { everyChallenge } from "./challenge.ts";
import { RequestError } from "./request-error.ts";

export type Principal = {
  /** Tells apart a key and a token of the same name. */
  readonly caller: string;
  /** What logs and events call it: an identifier without an address or a phone number. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** What a token called its rights, where we know no such scope. */
  readonly unknownScopes?: readonly string[];
};

export type Authenticate = (header: (name: string) => string | undefined) => Promise<Principal>;

/** By X-API-Key, or by a token where an issuer is trusted. */
export function createAuthenticate(deps: {
  apiKeys: readonly ApiKey[];
  verifyToken?: ((token: string) => Promise<Principal>) | undefined;
}): Authenticate {
  const known = deps.apiKeys.map(({ name, scopes, sha256 }) => ({
    principal: { caller: `key:${name}`, name, scopes },
    digest: Buffer.from(sha256, "hex"),
  }));

  /** Compares with every key, each in constant time, so that the time to answer tells nothing. */
  function findByKey(key: string): Principal | undefined {
    if (key === "") return undefined;
    const digest = createHash("sha256").update(key).digest();
    const matches = known.filter((candidate) => timingSafeEqual(candidate.digest, digest));
    return matches[0]?.principal;
  }

  return async (header) => {
    const key = header("X-API-Key");
    if (key !== undefined) return findByKey(key) ?? refuse("The API key is not known");
    const authorization = header("Authorization");
    if (authorization === undefined) return refuse("Send an API key in X-API-Key or a token in Authorization");
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    if (token === undefined) return refuse("Authorization must be Bearer followed by one token");
    if (!deps.verifyToken) return refuse("Tokens are not accepted here; send an API key in X-API-Key");
    return await deps.verifyToken(token);
  };
}

function refuse(detail: string): never {
  throw new RequestError("unauthenticated", detail, { headers: { "WWW-Authenticate": everyChallenge } });
}
