import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "./error-text.ts";
import type { Logger } from "./logger.ts";
import { schemaUrl, type Tracing, type TracingDeps } from "./tracing.ts";

/** Says when delivery begins to fail and when it works again, not at every batch. */
function reporting(exporter: SpanExporter, log: Logger): SpanExporter {
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
export function createOtlpTracing(deps: TracingDeps): Tracing {
  const url = `${deps.endpoint.replace(/\/$/, "")}/v1/traces`;
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "consumer" }),
    spanProcessors: [new BatchSpanProcessor(reporting(new OTLPTraceExporter({ url }), deps.log))],
  });
  return {
    tracer: provider.getTracer("consumer", undefined, { schemaUrl }),
    async stop() {
      // A failure has been logged by then.
      const flushed = provider.shutdown().catch(() => {});
      await Promise.race([flushed, sleep(deps.flushTimeoutMs)]);
    },
  };
}
