import { type Attributes, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import type { ConsumeMessage } from "amqplib";
import { errorClass, isIdentifier } from "./error-text.ts";
import { contextOf, traceparentOf } from "./trace-context.ts";

/** What became of a message. */
export interface Processed {
  outcome: string;
  /** The class of what went wrong, if anything did: its text could quote the message. */
  errorClass?: string | undefined;
}

/** Exchange, routing key and queue, as the conventions for RabbitMQ name a destination: none empty, none twice. */
function destination({ fields }: ConsumeMessage, queue: string): string {
  return [...new Set([fields.exchange, fields.routingKey, queue])].filter((part) => part !== "").join(":");
}

export interface ProcessTraceDependencies {
  tracer: Tracer;
  job: string;
  queue: string;
  /** The broker, as serverOf() has it. */
  server: Attributes;
}

/** Records each attempt at a message, below the span that its headers name; what it wants done continues it. */
export function createProcessTrace({ tracer, job, queue, server }: ProcessTraceDependencies) {
  return async function traced(
    message: ConsumeMessage,
    correlationId: string | undefined,
    work: (traceparent: string | undefined) => Promise<Processed>,
  ): Promise<void> {
    const { messageId } = message.properties;
    const span = tracer.startSpan(
      `process ${queue}`,
      {
        kind: SpanKind.CONSUMER,
        attributes: {
          ...server,
          "messaging.system": "rabbitmq",
          "messaging.operation.name": "process",
          "messaging.operation.type": "process",
          "messaging.destination.name": destination(message, queue),
          "messaging.rabbitmq.destination.routing_key": message.fields.routingKey,
          "messaging.message.id": isIdentifier(messageId) ? messageId : undefined,
          "messaging.message.conversation_id": correlationId,
          "appointments.job": job,
        },
      },
      contextOf(message.properties.headers as Record<string, unknown> | undefined ?? {}),
    );
    const fail = (type: string) => span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", type);
    try {
      const processed = await work(traceparentOf(span));
      span.setAttribute("appointments.outcome", processed.outcome);
      if (processed.errorClass !== undefined) fail(processed.errorClass);
    } catch (error) {
      fail(errorClass(error));
      throw error;
    } finally {
      span.end();
    }
  };
}

export type ProcessTrace = ReturnType<typeof createProcessTrace>;
