import type { Principal } from "./authenticate.ts";
import { RequestError } from "./request-error.ts";
import type { Scope } from "../scopes.ts";

const realm = { realm: "appointments" };

const challenge = (scheme: string, parameters: Record<string, string>) =>
  `${scheme} ${Object.entries({ ...realm, ...parameters }).map(([name, value]) => `${name}="${value}"`).join(", ")}`;

/** RFC 6750, 3: what is wrong with a token, in the words of OAuth. */
export const bearerChallenge = (parameters: Record<string, string>) => challenge("Bearer", parameters);

/** How to show who one is, to who showed nothing that we know. */
export const everyChallenge = `${challenge("ApiKey", {})}, ${challenge("Bearer", {})}`;

/** Refuses a caller who is known and may not do this. RFC 6750 has the words for tokens; keys are told the same. */
export function refuseWithoutScope(
  { caller, scopes, unknownScopes = [] }: Principal,
  needed: readonly Scope[],
  detail: string,
): never {
  const parameters = { error: "insufficient_scope", error_description: detail, scope: needed.join(" ") };
  const scheme = caller.startsWith("key:") ? "ApiKey" : "Bearer";
  throw new RequestError("forbidden", detail, {
    headers: { "WWW-Authenticate": challenge(scheme, parameters) },
    logged: { needed, scopes, ...(unknownScopes.length > 0 ? { unknownScopes } : {}) },
  });
}
