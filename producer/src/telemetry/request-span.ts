import { type Span, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { traceContextOf } from "./trace-context.ts";

/** Machines ask these every few seconds. */
const probes = new Set(["/livez", "/readyz", "/metrics"]);

/** The span of a request, below the caller's. Only the route's pattern is kept: an address could hold anything. */
export function startRequestSpan(
  tracer: Tracer,
  request: { method: string; path: string; traceparent: string | undefined; tracestate: string | undefined },
): Span {
  const { method, path, traceparent, tracestate } = request;
  const parent = traceContextOf({ traceparent, tracestate });
  return tracer.startSpan(
    method,
    { kind: SpanKind.SERVER, attributes: { "http.request.method": method } },
    probes.has(path) ? suppressTracing(parent) : parent,
  );
}

export function endRequestSpan(span: Span, answer: { method: string; route: string; status: number }): void {
  const { method, route, status } = answer;
  span.updateName(`${method} ${route}`);
  span.setAttributes({ "http.route": route, "http.response.status_code": status });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", String(status));
  span.end();
}
