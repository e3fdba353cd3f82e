import type { JWTPayload } from "jose";
import { isScope, type Scope } from "../scopes.ts";

const maxUnknown = 20;

/** What a token lets its bearer do here, and the other words that it has for that: the log shows them. */
export type TokenScopes = { readonly scopes: readonly Scope[]; readonly unknownScopes: readonly string[] };

/**
 * Reads every claim that may hold scopes, each as a text with spaces between or as a list: `scope` is a text at Auth0,
 * Keycloak and Cognito (RFC 9068), `scp` a list at Okta and a text at Entra. Cognito and Entra may put the API's own
 * name in front: `appointments/ops`.
 */
export function scopesOf(payload: JWTPayload, options: { claims: readonly string[]; audience: string }): TokenScopes {
  const words = options.claims.flatMap((claim) => wordsOf(payload[claim]))
    .map((word) => (word.startsWith(`${options.audience}/`) ? word.slice(options.audience.length + 1) : word));
  const distinct = [...new Set(words)];
  return {
    scopes: distinct.filter(isScope),
    unknownScopes: distinct.filter((word) => !isScope(word)).slice(0, maxUnknown).map((word) => word.slice(0, 100)),
  };
}

function wordsOf(claim: unknown): string[] {
  const texts = Array.isArray(claim) ? claim : [claim];
  return texts.filter((text) => typeof text === "string").flatMap((text) => text.split(" ")).filter((word) => word);
}
