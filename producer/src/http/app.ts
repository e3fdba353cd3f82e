import { Hono } from "hono";
import type { Context } from "hono";
import { DomainError } from "../domain/domain-error.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import type { Sql } from "../postgres/database.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { serveAppointments } from "./appointments.ts";
import type { Authenticate } from "./authenticate.ts";
import { serveDoctors } from "./doctors.ts";
import { type Problem, toProblem } from "./problem.ts";
import { type HttpEnv, requestContext } from "./request-context.ts";
import { RequestError } from "./request-error.ts";
import { mount } from "./serve-operation.ts";
import type { Health } from "./health.ts";

export type AppDeps = {
  sql: Sql;
  commandPath: CommandPath;
  now: () => Date;
  newAppointmentId: () => string;
  authenticate: Authenticate;
  health: Health;
  metrics: Pick<Metrics, "expose" | "contentType" | "requestSeconds">;
  log: Log;
};

/** The whole HTTP side as one function from Request to Response. */
export function createApp(deps: AppDeps): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(requestContext(deps));
  app.onError(answerError);
  app.notFound((c) => answerProblem(c, toProblem("not-found", "There is nothing at this address")));

  app.get("/livez", (c) => c.json({ status: "up" }));
  app.get("/readyz", async (c) => {
    const report = await deps.health.report();
    return c.json(report, report.status === "ready" ? 200 : 503);
  });
  app.get(
    "/metrics",
    async (c) => c.text(await deps.metrics.expose(), 200, { "Content-Type": deps.metrics.contentType }),
  );

  for (const served of [...serveAppointments(deps), ...serveDoctors(deps)]) mount(app, served, deps.authenticate);
  refuseOtherMethods(app);
  return app;
}

/** Every address that exists answers 405, with what it does take, to everything else. */
function refuseOtherMethods(app: Hono<HttpEnv>): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === "ALL") continue;
    const known = methods.get(path) ?? new Set();
    methods.set(path, known.add(method));
    if (method === "GET") known.add("HEAD");
  }
  for (const [path, known] of methods) {
    const allow = [...known].join(", ");
    app.all(path, (c) => {
      throw new RequestError("method-not-allowed", `${c.req.method} is not among ${allow}`, {
        headers: { Allow: allow },
      });
    });
  }
}

function answerProblem(
  c: Context<HttpEnv>,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.body(JSON.stringify(problem), problem.status as 400, {
    "Content-Type": "application/problem+json",
    ...headers,
  });
}

function answerError(error: Error, c: Context<HttpEnv>): Response {
  if (error instanceof DomainError) return answerProblem(c, toProblem(error.code, error.message, error.details));
  if (error instanceof RequestError) {
    return answerProblem(c, toProblem(error.code, error.message, error.members), error.headers);
  }
  c.get("log").error({ err: { name: error.name, message: error.message, stack: error.stack } }, "request failed");
  return answerProblem(c, toProblem("internal-error", "The error was logged under this request's X-Request-Id"));
}
