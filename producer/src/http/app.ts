import type { Tracer } from "@opentelemetry/api";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { answerOtherMethods } from "./other-methods.ts";
import { cors } from "hono/cors";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { answerError, answerProblem } from "./answer-error.ts";
import type { Authenticate } from "./authenticate.ts";
import { protectBrowsers } from "./browser-protection.ts";
import { mountDocsFiles } from "./docs.ts";
import type { Health } from "./health.ts";
import { type AnonymousLimit, limitAnonymous } from "./limit-anonymous.ts";
import { createOpenApi } from "./openapi.ts";
import { toProblem } from "./problem.ts";
import type { RateLimit } from "./rate-limit.ts";
import { type HttpEnv, requestContext } from "./request-context.ts";
import { responseHeaders } from "./response-headers.ts";
import { mount, type Served } from "./serve-operation.ts";
import { serveProbes, serveSystem } from "./system.ts";

export type AppDeps = {
  /** What is served besides health, measurements and the description. */
  operations: readonly Served[];
  now: () => Date;
  authenticate: Authenticate;
  rateLimit: RateLimit;
  anonymousLimit: AnonymousLimit;
  /** Probes and measurements have a port of their own: here they are not. */
  probesApart: boolean;
  clientAddress: (c: Context) => string | undefined;
  corsOrigins: readonly string[];
  health: Health;
  metrics: Pick<Metrics, "dependencyUp" | "expose" | "contentType" | "requestSeconds">;
  tracer: Tracer;
  log: Log;
};

const exposedHeaders = Object.keys(responseHeaders);

/** What browsers keep an answer to a preflight for at most: Chromium two hours, others longer. */
const preflightSeconds = 7_200;

function allowOrigins(origins: readonly string[]): MiddlewareHandler<HttpEnv> {
  const answer = cors({ origin: [...origins], exposeHeaders: exposedHeaders, maxAge: preflightSeconds });
  // An OPTIONS that a browser did not send ahead is answered by the address that it asks about.
  const isPlain = (c: Context) => c.req.method === "OPTIONS" && !c.req.header("Access-Control-Request-Method");
  return (c, next) => (isPlain(c) ? next() : answer(c, next));
}

/** The whole HTTP side as one function from Request to Response. */
export function createApp(deps: AppDeps): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(requestContext(deps));
  app.use(protectBrowsers);
  app.use(limitAnonymous(deps.anonymousLimit));
  if (deps.corsOrigins.length > 0) app.use(allowOrigins(deps.corsOrigins));
  app.onError(answerError);
  app.notFound((c) => answerProblem(toProblem("not-found", `There is nothing at this address`), c));

  const openApi = createOpenApi(app);
  const probes = deps.probesApart ? [] : serveProbes(deps);
  const served = [...deps.operations, ...probes, ...serveSystem({ openApi })];
  for (const one of served) mount(app, one, deps);
  mountDocsFiles(app, { openApi, now: deps.now });
  answerOtherMethods(app, served.map(({ operation }) => operation));
  return app;
}

export type ProbeAppDeps = Omit<AppDeps, "operations" | "now" | "corsOrigins" | "probesApart">;

/** What a port of its own serves: liveness, readiness and measurements. */
export function createProbeApp(deps: ProbeAppDeps): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(requestContext(deps));
  app.use(limitAnonymous(deps.anonymousLimit));
  app.onError(answerError);
  app.notFound((c) => answerProblem(toProblem("not-found", `There is nothing at this address`), c));
  const served = serveProbes(deps);
  for (const one of served) mount(app, one, deps);
  answerOtherMethods(app, served.map(({ operation }) => operation));
  return app;
}
