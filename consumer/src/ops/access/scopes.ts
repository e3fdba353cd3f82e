/**
 * What a person may do on the operations page: look; replay, resend and discard; see personal data. The last two do not
 * include the first.
 */
export const opsScopes = ["ops:read", "ops:act", "ops:personal"] as const;
export type OpsScope = (typeof opsScopes)[number];
