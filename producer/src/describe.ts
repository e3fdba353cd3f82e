import * as v from "valibot";
import { variables } from "./environment.ts";
import { createMetrics } from "./telemetry/metrics.ts";

/** Every setting and every metric, for the documentation site. */
export async function describeService() {
  const { registry } = createMetrics({ outboxState: () => Promise.reject(new Error("nobody asked for the outbox")) });
  const metrics = await registry.getMetricsAsJSON();
  return {
    service: "producer",
    configuration: Object.entries(variables.entries).map(([name, schema]) => ({
      name,
      required: !v.is(schema, undefined),
      ...("default" in schema && typeof schema.default === "string" && { fallback: schema.default }),
      description: v.getDescription(schema) ?? ("wrapped" in schema && v.getDescription(schema.wrapped)) ?? "",
    })),
    metrics: metrics.map(({ name, type, help }) => ({ name, type, help })),
  };
}
