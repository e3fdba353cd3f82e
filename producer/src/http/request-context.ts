import type { Tracer } from "@opentelemetry/api";
import { randomUUID } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { isIdentifier } from "../telemetry/error-text.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { endRequestSpan, startRequestSpan } from "../telemetry/request-span.ts";
import { traceHeadersOf } from "../telemetry/trace-context.ts";
import type { Principal } from "./authenticate.ts";

/** What is known of a request before its handler runs. */
export type HttpEnv = {
  Variables: {
    requestId: string;
    traceparent: string;
    tracestate: string | undefined;
    principal: Principal | undefined;
    /** What its caller may still ask for, in headers. */
    rateLimit: Readonly<Record<string, string>> | undefined;
    /** The event that it led to. */
    eventId: string | undefined;
    /** The appointment or doctor that it is about, by its id. */
    resource: string | undefined;
    /** The route's pattern: an address could hold an e-mail address, a pattern can't. */
    route: string | undefined;
    log: Log;
  };
};

/** Gives every request its id, trace and log lines. An X-Request-Id that is no identifier is replaced. */
export function requestContext(
  deps: {
    clientAddress: (c: Context) => string | undefined;
    log: Log;
    metrics: Pick<Metrics, "requestSeconds">;
    tracer: Tracer;
  },
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const started = performance.now();
    const givenId = c.req.header("x-request-id");
    const requestId = isIdentifier(givenId) ? givenId : randomUUID();
    const { method, path } = c.req;
    const span = startRequestSpan(deps.tracer, {
      method,
      path,
      traceparent: c.req.header("traceparent"),
      tracestate: c.req.header("tracestate"),
    });
    const { traceparent, tracestate } = traceHeadersOf(span);
    const log = deps.log.child({ correlationId: requestId, traceId: traceparent.slice(3, 35) });

    c.set("requestId", requestId);
    c.set("traceparent", traceparent);
    c.set("tracestate", tracestate);
    c.set("log", log);
    await next();

    c.res.headers.set("X-Request-Id", requestId);
    for (const [name, value] of Object.entries(c.get("rateLimit") ?? {})) c.res.headers.set(name, value);
    const seconds = (performance.now() - started) / 1000;
    const route = c.get("route") ?? routePath(c, -1);
    const { status } = c.res;
    endRequestSpan(span, { method, route, status });
    deps.metrics.requestSeconds.observe({ method, route, status }, seconds);
    const ms = Math.round(seconds * 1e6) / 1e3;
    const caller = c.get("principal")?.name;
    const clientAddress = deps.clientAddress(c);
    const { resource, eventId } = c.var;
    log.info({ method, route, status, ms, caller, clientAddress, resource, eventId }, "request");
  };
}
