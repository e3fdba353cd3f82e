import { refuseWithoutScope } from "../http/challenge.ts";
import type { Call } from "../http/serve-operation.ts";

/** To pass over the checks is a right of its own. */
export function requireOverbookScope(overbook: boolean, call: Call): void {
  if (!overbook || call.principal.scopes.includes("appointments:overbook")) return;
  const detail = "Overbooking needs the scope appointments:overbook; with overbook: false the visit is a normal one";
  refuseWithoutScope(call.principal, ["appointments:write", "appointments:overbook"], detail);
}
