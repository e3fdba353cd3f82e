import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { bearerChallenge } from "./challenge.ts";
import type { Principal } from "./authenticate.ts";
import { RequestError } from "./request-error.ts";
import { failedClaim, reasonOf } from "./token-refusal.ts";
import { scopesOf } from "./token-scopes.ts";

export type TokenIssuer = {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  /** The claims that may hold scopes. */
  readonly scopeClaims: readonly string[];
  /** How far the issuer's clock may be from ours. */
  readonly leewaySeconds: number;
};

/** Asymmetric signatures only: whoever verifies a token must not be able to make one. */
const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];

export function createVerifyToken(trusted: TokenIssuer): (token: string) => Promise<Principal> {
  const keys = createRemoteJWKSet(new URL(trusted.jwksUrl), { timeoutDuration: 3_000 });
  return async (token) => toPrincipal(await verify(token, keys, trusted), trusted);
}

async function verify(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, audience, leewaySeconds }: TokenIssuer,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms,
      requiredClaims: ["sub", "exp"],
      clockTolerance: leewaySeconds,
    });
    return payload;
  } catch (error) {
    const isOurProblem = !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout ||
      error instanceof errors.JWKSInvalid || error.code === "ERR_JOSE_GENERIC";
    if (isOurProblem) {
      const answer = { headers: { "Retry-After": "5" }, logged: { err: { message: (error as Error).message } } };
      throw new RequestError("unavailable", "The issuer's keys can't be read", answer, { cause: error });
    }
    throw refused(reasonOf(error), failedClaim(error), error);
  }
}

function toPrincipal(payload: JWTPayload, { scopeClaims: claims, audience }: TokenIssuer): Principal {
  const { sub = "" } = payload;
  if (!/^[\x21-\x7e]{1,128}$/.test(sub)) throw refused("its subject is not 1 to 128 visible ASCII characters");
  return { caller: `token:${sub}`, name: sub, ...scopesOf(payload, { claims, audience }) };
}

function refused(reason: string, logged: Record<string, unknown> = {}, cause?: unknown): RequestError {
  const detail = `The token is refused: ${reason}`;
  const headers = { "WWW-Authenticate": bearerChallenge({ error: "invalid_token", error_description: detail }) };
  return new RequestError("unauthenticated", detail, { headers, logged }, { cause });
}
