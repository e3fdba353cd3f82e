import { type Attributes, SpanKind, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import { errorClass } from "./error-text.ts";
import { contextOf } from "./trace-context.ts";

export interface BatchTraceDependencies {
  tracer: Tracer;
  queue: string;
  /** The broker, as serverOf() has it. */
  server: Attributes;
}

/**
 * Records what messages of several traces were committed together: a span of a trace of its own, with a link to each of
 * their attempts. A message alone has nothing to be linked with.
 */
export function createBatchTrace({ tracer, queue, server }: BatchTraceDependencies) {
  return async function traced<Result>(
    messages: readonly { traceparent?: string | undefined }[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    if (messages.length === 1) return await work();
    const span = tracer.startSpan(`process ${queue}`, {
      kind: SpanKind.CONSUMER,
      root: true,
      attributes: {
        ...server,
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": queue,
        "messaging.batch.message_count": messages.length,
      },
    });
    if (span.isRecording()) {
      const contexts = messages.map(({ traceparent }) => trace.getSpanContext(contextOf({ traceparent })));
      span.addLinks(contexts.flatMap((context) => context ? [{ context }] : []));
    }
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", errorClass(error));
      throw error;
    } finally {
      span.end();
    }
  };
}

export type BatchTrace = ReturnType<typeof createBatchTrace>;
