import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { isScope } from "../scopes.ts";
import type { Principal } from "./authenticate.ts";
import { RequestError } from "./request-error.ts";

export type TokenIssuer = { readonly issuer: string; readonly audience: string; readonly jwksUrl: string };

/** Asymmetric signatures only: whoever verifies a token must not be able to make one. */
const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];

export function createVerifyToken(trusted: TokenIssuer): (token: string) => Promise<Principal> {
  const keys = createRemoteJWKSet(new URL(trusted.jwksUrl), { timeoutDuration: 3_000 });
  return async (token) => toPrincipal(await verify(token, keys, trusted));
}

async function verify(token: string, keys: JWTVerifyGetKey, { issuer, audience }: TokenIssuer): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms, requiredClaims: ["sub", "exp"] });
    return payload;
  } catch (error) {
    const isOurProblem = !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout ||
      error instanceof errors.JWKSInvalid || error.code === "ERR_JOSE_GENERIC";
    if (isOurProblem) {
      const answer = { headers: { "Retry-After": "5" } };
      throw new RequestError("unavailable", "The issuer's keys can't be read", answer, { cause: error });
    }
    throw refused("The token is not valid", error);
  }
}

function toPrincipal({ sub = "", scope }: JWTPayload): Principal {
  if (!/^[\x21-\x7e]{1,128}$/.test(sub)) throw refused("The token's subject is not 1 to 128 visible ASCII characters");
  const scopes = typeof scope === "string" ? scope.split(" ").filter(isScope) : [];
  return { caller: `token:${sub}`, name: sub, scopes };
}

function refused(detail: string, cause?: unknown): RequestError {
  const headers = { "WWW-Authenticate": `Bearer error="invalid_token"` };
  return new RequestError("unauthenticated", detail, { headers }, { cause });
}
