import { Hono, type MiddlewareHandler } from "hono";
import { shared } from "../shared-answer.ts";
import type { Readiness } from "./readiness.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { opsPage } from "./ops-page.ts";

export interface ProbeDependencies {
  metrics: Metrics;
  collectGauges(): Promise<void>;
  readiness(): Promise<Readiness>;
}

/** Liveness, readiness and metrics. Live means that the process answers; ready, that it takes events. */
export function createProbeApp({ metrics, collectGauges, readiness }: ProbeDependencies): Hono {
  const app = new Hono();
  // However many ask, database and broker are asked once at a time.
  const report = shared(readiness);
  const measure = shared(async () => {
    const [{ reasons, ...states }] = await Promise.all([report(), collectGauges()]);
    for (const dependency of ["database", "broker", "topology", "consumers", "patientKeys"] as const) {
      if (states[dependency] === undefined) continue;
      const isUp = states[dependency] === "up" && reasons[dependency] === undefined;
      metrics.dependencyUp.set({ dependency }, isUp ? 1 : 0);
    }
    return await metrics.registry.metrics();
  });

  app.get("/livez", (context) => context.json({ live: true }));

  app.get("/readyz", async (context) => {
    const answer = await report();
    return context.json(answer, answer.status === "ready" ? 200 : 503);
  });

  app.get(
    "/metrics",
    async (context) => context.text(await measure(), 200, { "content-type": metrics.registry.contentType }),
  );

  return app;
}

/** What is on the operations port, and the probes where they have no port of their own. */
export function createOpsApp(limit: MiddlewareHandler, probes: Hono | undefined): Hono {
  const app = new Hono();
  app.use(limit);
  app.get("/", (context) => context.html(opsPage));
  if (probes) app.route("/", probes);
  return app;
}
