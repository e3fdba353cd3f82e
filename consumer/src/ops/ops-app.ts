import { Hono } from "hono";
import type { Readiness } from "./readiness.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { opsPage } from "./ops-page.ts";

export interface OpsAppDependencies {
  metrics: Metrics;
  collectGauges(): Promise<void>;
  readiness(): Promise<Readiness>;
}

/** Liveness, readiness and metrics. Live means that the process answers; ready, that it takes events. */
export function createOpsApp({ metrics, collectGauges, readiness }: OpsAppDependencies): Hono {
  const app = new Hono();

  app.get("/", (context) => context.html(opsPage));

  app.get("/livez", (context) => context.json({ live: true }));

  app.get("/readyz", async (context) => {
    const report = await readiness();
    return context.json(report, report.status === "ready" ? 200 : 503);
  });

  app.get("/metrics", async (context) => {
    const [{ reasons, ...report }] = await Promise.all([readiness(), collectGauges()]);
    for (const dependency of ["database", "broker", "topology", "consumers"] as const) {
      const isUp = report[dependency] === "up" && reasons[dependency] === undefined;
      metrics.dependencyUp.set({ dependency }, isUp ? 1 : 0);
    }
    return context.text(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType });
  });

  return app;
}
