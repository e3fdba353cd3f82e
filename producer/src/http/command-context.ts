import type { CommandContext, Executed } from "../postgres/command-path.ts";
import type { StoredAnswer } from "../postgres/idempotency-store.ts";
import type { Reply } from "./operation.ts";
import { entityTag } from "./preconditions.ts";
import type { Call } from "./serve-operation.ts";

/** What the event keeps of the request that caused it. */
export function commandContext(call: Call): CommandContext {
  return {
    actor: call.principal.name,
    correlationId: call.requestId,
    traceparent: call.traceparent,
    tracestate: call.tracestate,
    idempotency: call.idempotency,
  };
}

/** The answer to a write as it is kept: the text of the body, so that a repetition gets the same bytes. */
export function toAnswer(
  status: number,
  state: Parameters<typeof entityTag>[0],
  view: object,
  location?: string,
): StoredAnswer {
  const headers = { ...entityTag(state), ...(location === undefined ? {} : { Location: location }) };
  return { status, headers, body: JSON.stringify(view) };
}

export function toReply({ answer, replayed, eventId }: Executed): Reply {
  const headers = replayed ? { ...answer.headers, "Idempotency-Replayed": "true" } : answer.headers;
  return { status: answer.status, headers, text: answer.body, eventId };
}
