import { createApp } from "./http/app.ts";
import { createHealth } from "./http/health.ts";
import { createCommandPath } from "./postgres/command-path.ts";
import { connectDatabase } from "./postgres/database.ts";
import { createLog } from "./telemetry/log.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { untraced } from "./telemetry/tracing.ts";

/** The OpenAPI document of the routes, without a server: nothing connects before the first query. */
export async function describeApi(): Promise<unknown> {
  const sql = connectDatabase("postgres://nobody@localhost/nothing", { max: 1 });
  const app = createApp({
    sql,
    commandPath: createCommandPath({ sql, newEventId: () => "", onCommitted: () => {}, onWrite: () => {} }),
    now: () => new Date(),
    arriveLead: "local-day",
    newAppointmentId: () => "",
    authenticate: () => Promise.reject(new Error("nobody calls")),
    rateLimit: () => ({}),
    corsOrigins: [],
    health: createHealth({ sql, writeFault: () => undefined, isBrokerUp: () => false }),
    metrics: createMetrics({ outboxState: () => Promise.reject(new Error("nobody asked for the outbox")) }),
    tracer: untraced.tracer,
    log: createLog("silent"),
  });
  const answer = await app.request("/openapi.json");
  return await answer.json();
}
