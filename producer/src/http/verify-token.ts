import { createHash } from "node:crypto";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { errorText, isIdentifier } from "../telemetry/error-text.ts";
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
      const answer = { headers: { "Retry-After": "5" }, logged: { err: { message: errorText(error) } } };
      throw new RequestError("unavailable", "The issuer's keys can't be read", answer, { cause: error });
    }
    throw refused(reasonOf(error), failedClaim(error), error);
  }
}

function toPrincipal(payload: JWTPayload, { scopeClaims: claims, audience }: TokenIssuer): Principal {
  const { sub = "" } = payload;
  if (!/^[\x21-\x7e]{1,128}$/.test(sub)) throw refused("its subject is not 1 to 128 visible ASCII characters");
  return { caller: `token:${sub}`, name: nameOf(sub), ...scopesOf(payload, { claims, audience }) };
}

/**
 * What logs and events call the subject: never as an API key is called, and by a digest where an issuer uses mail
 * addresses as subjects, since neither log nor event is a place for them.
 */
function nameOf(subject: string): string {
  const name = `token:${subject}`;
  return isIdentifier(name) ? name : `token:sha256:${createHash("sha256").update(subject).digest("hex").slice(0, 32)}`;
}

function refused(reason: string, logged: Record<string, unknown> = {}, cause?: unknown): RequestError {
  const detail = `The token is refused: ${reason}`;
  const headers = { "WWW-Authenticate": bearerChallenge({ error: "invalid_token", error_description: detail }) };
  return new RequestError("unauthenticated", detail, { headers, logged }, { cause });
}
