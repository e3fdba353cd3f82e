import { RequestError } from "../http/request-error.ts";
import type { Call } from "../http/serve-operation.ts";

/** To pass over the checks is a right of its own. */
export function requireOverbookScope(overbook: boolean, call: Call): void {
  if (!overbook || call.principal.scopes.includes("appointments:overbook")) return;
  throw new RequestError("forbidden", "overbook needs the scope appointments:overbook");
}
