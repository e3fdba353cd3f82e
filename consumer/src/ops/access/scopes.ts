/**
 * What a person may do on the operations page: look; replay, resend and discard; see personal data. The last two do not
 * include the first. `availability:read` is for programs: doctors' free slots, and nothing else.
 */
export const opsScopes = ["ops:read", "ops:act", "ops:personal", "availability:read"] as const;
export type OpsScope = (typeof opsScopes)[number];
