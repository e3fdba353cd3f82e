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
    /** The answer has all its headers. */
    isComplete: boolean | undefined;
    /** A log whose lines bear the request's ids. */
    log: () => Log;
  };
};

/** What every answer says of its request. */
export function ownHeaders(c: Context<HttpEnv>): Readonly<Record<string, string>> {
  return { "X-Request-Id": c.get("requestId"), ...c.get("rateLimit") };
}

/** Gives every request its id, trace and log lines. An X-Request-Id that is no identifier is replaced. */
export function requestContext(
  deps: {
    clientAddress: (c: Context) => string | undefined;
    log: Log;
    metrics: Pick<Metrics, "requestSeconds">;
    tracer: Tracer;
  },
): MiddlewareHandler<HttpEnv> {
  const timers = new Map<string, { observe(seconds: number): void }>();
  /** Of few methods and routes: to look one up by its labels takes longer than to count. */
  function timerOf(method: string, route: string, status: number) {
    const name = `${method} ${status} ${route}`;
    const timer = timers.get(name) ?? deps.metrics.requestSeconds.labels({ method, route, status });
    timers.set(name, timer);
    return timer;
  }

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
    const ids = { correlationId: requestId, traceId: traceparent.slice(3, 35) };

    c.set("requestId", requestId);
    c.set("traceparent", traceparent);
    c.set("tracestate", tracestate);
    c.set("log", () => deps.log.child(ids));
    await next();

    if (!c.get("isComplete")) {
      for (const [name, value] of Object.entries(ownHeaders(c))) c.res.headers.set(name, value);
    }
    const seconds = (performance.now() - started) / 1000;
    const route = c.get("route") ?? routePath(c, -1);
    const { status } = c.res;
    endRequestSpan(span, { method, route, status });
    timerOf(method, route, status).observe(seconds);
    const ms = Math.round(seconds * 1e6) / 1e3;
    const caller = c.get("principal")?.name;
    const clientAddress = deps.clientAddress(c);
    const { resource, eventId } = c.var;
    deps.log.info({ ...ids, method, route, status, ms, caller, clientAddress, resource, eventId }, "request");
  };
}
