import { trace, type Tracer } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { setTimeout as delay } from "node:timers/promises";
import { errorText } from "./error-text.ts";
import type { Log } from "./log.ts";

export type Tracing = {
  readonly tracer: Tracer;
  /** Sends what is left, within the flush timeout; never rejects. */
  stop(): Promise<void>;
};

/** Records nothing; a span that it starts has its parent's context. */
export const untraced: Tracing = { tracer: trace.getTracer("untraced"), stop: () => Promise.resolve() };

/** Says when delivery begins to fail and when it works again, not at every batch. */
function reporting(exporter: SpanExporter, log: Log): SpanExporter {
  let delivering = true;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const delivered = result.code === ExportResultCode.SUCCESS;
        if (delivering && !delivered) {
          log.warn({ err: { message: errorText(result.error) } }, "traces are not delivered");
        }
        if (delivered && !delivering) log.info("traces are delivered again");
        delivering = delivered;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

/** Sends spans in batches to the collector at `endpoint`, over OTLP/HTTP; what it does not take is dropped. */
export function createTracing(deps: { endpoint: string; flushTimeoutMs: number; log: Log }): Tracing {
  const url = `${deps.endpoint.replace(/\/$/, "")}/v1/traces`;
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "appointment-producer" }),
    spanProcessors: [new BatchSpanProcessor(reporting(new OTLPTraceExporter({ url }), deps.log))],
  });
  return {
    tracer: provider.getTracer("appointment-producer"),
    async stop() {
      // A failure has been logged by then.
      const flushed = provider.shutdown().catch(() => {});
      await Promise.race([flushed, delay(deps.flushTimeoutMs)]);
    },
  };
}
