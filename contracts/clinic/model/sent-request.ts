import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import type { SeeAnswer } from "../../src/wire/answer-violations.ts";
import type { Caller } from "../callers.ts";
import { ServiceFailed } from "../../src/wire/service-failed.ts";

/** One request for a command. */
export interface Call {
  method: string;
  path: string;
  body?: object | undefined;
  /** The version that it is about, as If-Match. */
  version?: number | undefined;
}

/** How a request is sent, beside what it asks for: what the envelope of its event comes from. */
export interface Manner {
  caller: number;
  requestId: "given" | "none" | "an address";
  trace: "none" | "parent" | "with a state" | "with an address";
  /** Sent again with the same Idempotency-Key, as after an answer that was lost. */
  twice: boolean;
  /** With the ETag of another version: nothing may happen. */
  stale: boolean;
}

export const manner = fc.record<Manner>({
  caller: fc.nat(3),
  requestId: fc.constantFrom("given", "given", "given", "none", "an address"),
  trace: fc.constantFrom("none", "parent", "with a state", "with an address"),
  twice: fc.integer({ min: 0, max: 7 }).map((drawn) => drawn === 0),
  stale: fc.integer({ min: 0, max: 15 }).map((drawn) => drawn === 0),
});

/** What the event of a request has to say of it. */
export interface Sent {
  actor: string;
  correlationId: string;
  /** Undefined where the producer has to begin a trace. */
  traceId: string | undefined;
  tracestate: string | undefined;
  /** The producer's clock before the request and after its answer. */
  from: number;
  to: number;
}

export interface Answer {
  status: number;
  text: string;
}

export interface Api {
  url: string;
  callers: readonly Caller[];
  now(): number;
  /** Told of each answer. */
  see?: SeeAnswer;
}

export async function sendRequest(api: Api, call: Call, manner: Manner): Promise<{ answer: Answer; sent: Sent }> {
  const caller = api.callers[manner.caller % api.callers.length] as Caller;
  const traceId = manner.trace === "none" ? undefined : randomBytes(16).toString("hex");
  const tracestate = {
    "none": undefined,
    "parent": undefined,
    "with a state": "clinic=desk-7",
    "with an address": "clinic=ada@example.org",
  }[manner.trace];
  const headers = {
    "content-type": call.method === "PATCH" ? "application/merge-patch+json" : "application/json",
    ...caller.headers(),
    ...(call.version === undefined ? {} : { "if-match": `"${call.version + (manner.stale ? 7 : 0)}"` }),
    ...(traceId === undefined ? {} : { traceparent: `00-${traceId}-${randomBytes(8).toString("hex")}-01` }),
    ...(tracestate === undefined ? {} : { tracestate }),
    ...(manner.twice ? { "idempotency-key": randomUUID() } : {}),
  };
  const first = await ask(api, call, headers, manner);
  if (manner.twice) {
    const again = await ask(api, call, headers, manner);
    if (again.answer.status !== first.answer.status || again.answer.text !== first.answer.text) {
      throw new ServiceFailed(`${call.method} ${call.path} answered differently when it was repeated`);
    }
  }
  return {
    answer: first.answer,
    sent: {
      actor: caller.actor,
      correlationId: first.requestId,
      traceId,
      tracestate: manner.trace === "with an address" ? undefined : tracestate,
      from: first.from,
      to: first.to,
    },
  };
}

/** An X-Request-Id that is no identifier is replaced, and the answer says by what. */
async function ask(api: Api, { method, path, body }: Call, common: Record<string, string>, { requestId }: Manner) {
  const own = randomUUID();
  const given = { "given": `req-${own}`, "none": undefined, "an address": `${own}@example.org` }[requestId];
  const from = api.now();
  const response = await fetch(new URL(path, api.url), {
    method,
    headers: { ...common, ...(given === undefined ? {} : { "x-request-id": given }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const to = api.now();
  api.see?.(method, path, { status: response.status, text });
  const answered = response.headers.get("x-request-id") ?? "";
  const isKept = answered === given;
  if (isKept !== (requestId === "given") || (!isKept && !/^[0-9a-f-]{36}$/.test(answered))) {
    throw new ServiceFailed(`${method} ${path} with the X-Request-Id ${given} was answered with ${answered}`);
  }
  return { answer: { status: response.status, text }, requestId: answered, from, to };
}
