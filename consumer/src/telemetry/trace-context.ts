import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { withoutContacts } from "./error-text.ts";

const propagator = new W3CTraceContextPropagator();

/**
 * What W3C Trace Context headers continue; the root where they are absent or wrong. A tracestate that looks as if it held
 * an address or a phone number is left out.
 */
export function contextOf({ traceparent, tracestate }: { traceparent?: unknown; tracestate?: unknown }): Context {
  const told = typeof tracestate === "string" && tracestate.length <= 512 && withoutContacts(tracestate) === tracestate;
  return propagator.extract(ROOT_CONTEXT, told ? { traceparent, tracestate } : { traceparent }, defaultTextMapGetter);
}

/** The header by which something continues the span; undefined where there is no trace. */
export function traceparentOf(span: Span): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagator.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, defaultTextMapSetter);
  return carrier.traceparent;
}

/** For log lines. */
export function traceIdOf(traceparent: string | null | undefined): string | undefined {
  return traceparent?.split("-")[1];
}
