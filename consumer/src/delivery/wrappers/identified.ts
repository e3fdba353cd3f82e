import type { ConsumeMessage } from "amqplib";
import { deliveryCount, header } from "../../broker/headers.ts";
import type { JobName } from "../../generated/jobs.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { traceIdOf } from "../../telemetry/trace-context.ts";
import { identify, type Identity } from "../identity.ts";
import { readEvent, type ReceivedEvent } from "../message.ts";
import { PermanentError } from "../permanent-error.ts";
import type { Delivery, Handle } from "./delivery.ts";

export interface IdentifiedDependencies {
  job: JobName;
  /** A longer body is dead-lettered unread: to parse it could take the process down. */
  maxMessageBytes: number;
  log: Logger;
}

/** Makes a delivery of a message, and says which event it is; of a suspect one nothing is read for that. */
export function identified({ job, maxMessageBytes, log }: IdentifiedDependencies) {
  return (next: Handle<void>) => async (message: ConsumeMessage, gone: AbortSignal): Promise<void> => {
    let identity: Identity | undefined;
    let own: Logger | undefined;
    let traceparent: string | undefined;
    const delivery: Delivery = {
      message,
      gone,
      isSuspect: deliveryCount(message.properties.headers, message.fields.redelivered) > 0,
      get identity() {
        return identity ??= identify(message, 0);
      },
      set identity(known) {
        identity = known;
        own = undefined;
      },
      get log() {
        return own ??= log.child(fieldsOf(job, delivery));
      },
      get traceparent() {
        return traceparent;
      },
      set traceparent(known) {
        traceparent = known;
        own = undefined;
      },
    };
    if (!delivery.isSuspect) read(job, delivery, maxMessageBytes);
    await next(delivery);
  };
}

/** What a log line says of a delivery. */
export function fieldsOf(job: JobName, { identity, traceparent }: Pick<Delivery, "identity" | "traceparent">) {
  const { eventKey: eventId, eventName: event, aggregateId, correlationId } = identity;
  const traceId = traceIdOf(traceparent);
  return { job, eventId, event, aggregateId, correlationId, ...(traceId && { traceId }) };
}

/** Reads the event, once, and identifies it by what was read. */
export function read(job: JobName, delivery: Delivery, maxMessageBytes: number): ReceivedEvent | PermanentError {
  if (delivery.received) return delivery.received;
  const received = delivery.received = tryToRead(job, delivery.message, maxMessageBytes);
  if (received instanceof PermanentError) delivery.identity = identify(delivery.message, maxMessageBytes);
  else {
    const { event: { eventName, aggregateId }, eventKey, correlationId } = received;
    delivery.identity = { eventKey, eventName: eventName as Identity["eventName"], aggregateId, correlationId };
  }
  return received;
}

function tryToRead(job: JobName, message: ConsumeMessage, maxMessageBytes: number): ReceivedEvent | PermanentError {
  const { length } = message.content;
  if (length > maxMessageBytes) {
    return new PermanentError(
      "too-large",
      `The body has ${length} bytes, more than the ${maxMessageBytes} that are read`,
    );
  }
  if (message.properties.headers?.[header.unreadable]) {
    return new PermanentError("unreadable-headers", "A header is nested too deep, or of a type that is not known");
  }
  try {
    return readEvent(job, message);
  } catch (error) {
    if (error instanceof PermanentError) return error;
    throw error;
  }
}
