import {
  type Context,
  defaultTextMapGetter,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  TraceFlags,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { randomUUID } from "node:crypto";
import { withoutContacts } from "./error-text.ts";

export type TraceHeaders = { readonly traceparent: string; readonly tracestate: string | undefined };

const propagator = new W3CTraceContextPropagator();

/**
 * What W3C Trace Context headers continue; the root where they are absent or wrong. A tracestate that looks as if it held
 * an address or a phone number is left out.
 */
export function traceContextOf(headers: Readonly<Record<string, unknown>>): Context {
  const { traceparent, tracestate } = headers;
  const told = typeof tracestate === "string" && tracestate.length <= 512 && withoutContacts(tracestate) === tracestate;
  return propagator.extract(ROOT_CONTEXT, told ? { traceparent, tracestate } : { traceparent }, defaultTextMapGetter);
}

/** 32 digits, from the randomness that Node keeps for UUIDs. */
const randomHex = () => randomUUID().replaceAll("-", "");

/** The headers that continue a span. Without a trace they begin one: then those who get them still share it. */
export function traceHeadersOf(span: Span): TraceHeaders {
  const given = span.spanContext();
  const { traceId, spanId, traceFlags, traceState } = isSpanContextValid(given) ? given : {
    traceId: randomHex(),
    spanId: randomHex().slice(16),
    traceFlags: TraceFlags.SAMPLED,
  };
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`,
    tracestate: traceState?.serialize() || undefined,
  };
}
