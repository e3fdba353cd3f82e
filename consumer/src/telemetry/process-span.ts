import {
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { ConsumeMessage } from "amqplib";
import { errorClass, isIdentifier, withoutContacts } from "./error-text.ts";

/** What became of a message. */
export interface Processed {
  outcome: string;
  /** The class of what went wrong, if anything did: its text could quote the message. */
  errorClass?: string | undefined;
}

const propagator = new W3CTraceContextPropagator();

/**
 * What the message's W3C Trace Context headers continue; the root where they are absent or wrong. A tracestate that looks
 * as if it held an address or a phone number is left out.
 */
function contextOf({ properties }: ConsumeMessage): Context {
  const { traceparent, tracestate } = properties.headers ?? {};
  const told = typeof tracestate === "string" && tracestate.length <= 512 && withoutContacts(tracestate) === tracestate;
  return propagator.extract(ROOT_CONTEXT, told ? { traceparent, tracestate } : { traceparent }, defaultTextMapGetter);
}

/** Exchange, routing key and queue, as the conventions for RabbitMQ name a destination: none empty, none twice. */
function destination({ fields }: ConsumeMessage, queue: string): string {
  return [...new Set([fields.exchange, fields.routingKey, queue])].filter((part) => part !== "").join(":");
}

/** Records each attempt at a message, below the span that its headers name. */
export function createProcessTrace(tracer: Tracer, job: string, queue: string) {
  return async function traced(
    message: ConsumeMessage,
    correlationId: string | undefined,
    work: () => Promise<Processed>,
  ): Promise<void> {
    const { messageId } = message.properties;
    const span = tracer.startSpan(
      `process ${queue}`,
      {
        kind: SpanKind.CONSUMER,
        attributes: {
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
      contextOf(message),
    );
    const fail = (type: string) => span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", type);
    try {
      const processed = await work();
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
