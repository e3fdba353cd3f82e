import type { CommandContext } from "../postgres/command-path.ts";
import type { Call } from "./serve-operation.ts";

/** What the event keeps of the request that caused it. */
export function commandContext(call: Call): CommandContext {
  return {
    actor: call.principal.name,
    correlationId: call.requestId,
    traceparent: call.traceparent,
    tracestate: call.tracestate,
  };
}

/** The aggregate's version is its entity tag. */
export function entityTag(state: { readonly version: number }): { ETag: string } {
  return { ETag: `"${state.version}"` };
}
