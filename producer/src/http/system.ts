import { shared } from "../shared-answer.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { docsPage } from "./docs.ts";
import type { Health } from "./health.ts";
import type { Reply } from "./operation.ts";
import { type ProblemCode, problems } from "./problem.ts";
import { RequestError } from "./request-error.ts";
import { serve, type Served } from "./serve-operation.ts";
import * as operations from "./system-operations.ts";

const html = { "Content-Type": "text/html; charset=utf-8" };

/** Liveness, readiness and measurements, for whoever watches the process: nobody needs a key. */
export function serveProbes(
  deps: { health: Health; metrics: Pick<Metrics, "dependencyUp" | "expose" | "contentType"> },
): Served[] {
  // However many ask, the database is asked once at a time.
  const report = shared(() => deps.health.report());
  const measure = shared(async () => {
    const { reasons, ...states } = await report();
    for (const dependency of ["database", "broker", "topology", "patientKeys"] as const) {
      if (states[dependency] === undefined) continue;
      const isUp = states[dependency] === "up" && reasons[dependency] === undefined;
      deps.metrics.dependencyUp.set({ dependency }, isUp ? 1 : 0);
    }
    return await deps.metrics.expose();
  });
  return [
    serve(operations.livez, answer({ status: 200, body: { status: "up" } })),
    serve(operations.readyz, async () => {
      const body = await report();
      return { status: body.status === "ready" ? 200 : 503, body };
    }),
    serve(operations.metrics, async () => {
      return { status: 200, text: await measure(), headers: { "Content-Type": deps.metrics.contentType } };
    }),
  ];
}

/** The description of the API, for everybody. */
export function serveSystem({ openApi }: { openApi: () => Promise<object> }): Served[] {
  let document: Promise<string> | undefined;
  return [
    serve(operations.openApiDocument, async () => {
      document ??= openApi().then((described) => JSON.stringify(described));
      return { status: 200, text: await document, headers: { "Content-Type": "application/json" } };
    }),
    serve(operations.docs, answer({ status: 200, text: docsPage, headers: html })),
    serve(operations.problemType, ({ params: { code } }) => {
      if (!Object.hasOwn(problems, code)) throw new RequestError("not-found", `There is no problem ${code}`);
      const body = { type: `/problems/${code}`, ...problems[code as ProblemCode] };
      return Promise.resolve({ status: 200, body });
    }),
  ];
}

const answer = (reply: Reply) => () => Promise.resolve(reply);
