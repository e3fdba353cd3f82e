import { trace, type Tracer } from "@opentelemetry/api";
import type { Logger } from "./logger.ts";

export interface Tracing {
  tracer: Tracer;
  /** Sends what is left, within the flush timeout; never rejects. */
  stop(): Promise<void>;
}

export interface TracingDeps {
  endpoint: string;
  flushTimeoutMs: number;
  log: Logger;
}

/** The version of OpenTelemetry's semantic conventions by which spans and their attributes are named. */
export const schemaUrl = "https://opentelemetry.io/schemas/1.38.0";

/** Records nothing; a span that it starts has its parent's context. */
export const untraced: Tracing = { tracer: trace.getTracer("untraced"), stop: () => Promise.resolve() };

/** Traces where a collector is named; what sends them is loaded only then, which takes a fifth of a start and 30 MB. */
export async function openTracing(
  { endpoint, ...deps }: Omit<TracingDeps, "endpoint"> & { endpoint: string | undefined },
): Promise<Tracing> {
  if (endpoint === undefined) return untraced;
  const { createOtlpTracing } = await import("./otlp-tracing.ts");
  return createOtlpTracing({ endpoint, ...deps });
}
