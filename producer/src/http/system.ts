import type { Metrics } from "../telemetry/metrics.ts";
import { docsPage } from "./docs.ts";
import type { Health } from "./health.ts";
import type { Reply } from "./operation.ts";
import { type ProblemCode, problems } from "./problem.ts";
import { RequestError } from "./request-error.ts";
import { serve, type Served } from "./serve-operation.ts";
import * as operations from "./system-operations.ts";

const html = { "Content-Type": "text/html; charset=utf-8" };

/** What nobody needs a key for. */
export function serveSystem(deps: {
  health: Health;
  metrics: Pick<Metrics, "dependencyUp" | "expose" | "contentType">;
  openApi: () => Promise<object>;
}): Served[] {
  const answer = (reply: Reply) => () => Promise.resolve(reply);
  return [
    serve(operations.livez, answer({ status: 200, body: { status: "up" } })),
    serve(operations.readyz, async () => {
      const report = await deps.health.report();
      return { status: report.status === "ready" ? 200 : 503, body: report };
    }),
    serve(operations.metrics, async () => {
      const { reasons, ...report } = await deps.health.report();
      for (const dependency of ["database", "broker", "topology"] as const) {
        const isUp = report[dependency] === "up" && reasons[dependency] === undefined;
        deps.metrics.dependencyUp.set({ dependency }, isUp ? 1 : 0);
      }
      const text = await deps.metrics.expose();
      return { status: 200, text, headers: { "Content-Type": deps.metrics.contentType } };
    }),
    serve(operations.openApiDocument, async () => ({ status: 200, body: await deps.openApi() })),
    serve(operations.docs, answer({ status: 200, text: docsPage, headers: html })),
    serve(operations.problemType, ({ params: { code } }) => {
      if (!Object.hasOwn(problems, code)) throw new RequestError("not-found", `There is no problem ${code}`);
      const body = { type: `/problems/${code}`, ...problems[code as ProblemCode] };
      return Promise.resolve({ status: 200, body });
    }),
  ];
}
