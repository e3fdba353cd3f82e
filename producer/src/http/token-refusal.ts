import { errors } from "jose";

/** Why a token is refused, in words that say nothing of the token itself. */
export function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error);
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is wrong";
  if (error instanceof errors.JWKSNoMatchingKey) return "the issuer has published no key for it";
  if (error instanceof errors.JWKSMultipleMatchingKeys) return "it does not say which of the issuer's keys signed it";
  if (error instanceof errors.JOSEAlgNotAllowed) return "its algorithm is not accepted";
  return "it is not a signed JWT";
}

function reasonOfClaim({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === "missing") return `it has no ${claim}`;
  if (claim === "iss") return "another issuer made it";
  if (claim === "aud") return "it is meant for another audience";
  if (claim === "nbf") return "it is not valid yet";
  return `its ${claim} is not acceptable`;
}

/** The claim that it failed at, which is signed by then: whom it is from and for, and when. */
export function failedClaim(error: errors.JOSEError): Record<string, unknown> {
  const isClaim = error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired;
  if (!isClaim || !["iss", "aud", "exp", "nbf"].includes(error.claim)) return {};
  return { claim: error.claim, value: JSON.stringify(error.payload[error.claim])?.slice(0, 200) };
}
