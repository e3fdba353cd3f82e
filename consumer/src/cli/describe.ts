import { parseArgs } from "node:util";
import * as v from "valibot";
import { createEventAges } from "../delivery/wrappers/event-ages.ts";
import { environmentSchema } from "../environment.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import type { Command } from "./command.ts";

/** What the documentation site shows of this service. */
async function describe() {
  const { registry } = createMetrics();
  createEventAges(registry);
  const metrics = await registry.getMetricsAsJSON();
  return {
    service: "consumer",
    configuration: Object.entries(environmentSchema.entries).map(([name, schema]) => {
      const fallback = "default" in schema ? schema.default : undefined;
      return {
        name,
        required: v.safeParse(schema, undefined).success === false,
        ...(typeof fallback === "string" && { fallback }),
        description: v.getDescription("wrapped" in schema ? schema.wrapped : schema) ?? v.getDescription(schema) ?? "",
      };
    }),
    metrics: metrics.map(({ name, type, help }) => ({ name, type, help })),
  };
}

export const describeCommand: Command = {
  name: "describe",
  summary: "print every setting and every metric as JSON",
  usage:
    "Usage: consumer describe [--json]\n\nPrints JSON, with --json or without: { service, configuration: [{ name, required, fallback, description }], metrics }.",
  async run(args, { print }) {
    // It prints JSON either way.
    parseArgs({ args, options: { json: { type: "boolean" } } });
    print(JSON.stringify(await describe(), null, 2));
    return 0;
  },
};
