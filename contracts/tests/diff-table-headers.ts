import type { Row } from "./diff-table.ts";
import type { Document } from "./support/project.ts";

const event = "appointment.created";

const headers = (producer: Document) => producer.components.messageTraits.domainEvent.headers;

/** Small changes of the application headers. Confirmed like the bodies; no job reads a header. */
export const HEADER_ROWS: Record<string, Row> = {
  "a header is added": {
    change: (_, producer) => headers(producer).properties["x-tenant"] = { type: "string" },
    verdict: "MINOR",
    says: /^header x-tenant added, optional/,
    event,
  },
  "a required header is added": {
    change: (_, producer) => {
      headers(producer).properties["x-tenant"] = { type: "string" };
      headers(producer).required.push("x-tenant");
    },
    verdict: "MAJOR",
    says: /^header x-tenant added, required/,
    event,
  },
  "an optional header is removed": {
    change: (_, producer) => delete headers(producer).properties.tracestate,
    verdict: "MINOR",
    says: /^header tracestate removed, was optional/,
    event,
  },
  "an optional header becomes required": {
    change: (_, producer) => headers(producer).required.push("traceparent"),
    verdict: "MAJOR",
    says: /^header traceparent now required/,
    event,
  },
  "a required header becomes optional": {
    change: (_, producer) => headers(producer).required = [],
    verdict: "MAJOR",
    says: /^header x-event-version no longer required/,
    event,
  },
  "a header gets another type": {
    change: (_, producer) => headers(producer).properties["x-event-version"] = { type: "string" },
    verdict: "MAJOR",
    says: /^header x-event-version type integer → string/,
    event,
  },
  "a header's minimum falls": {
    change: (_, producer) => headers(producer).properties["x-event-version"].minimum = 0,
    verdict: "MAJOR",
    says: /^header x-event-version minimum 1 → 0/,
    event,
  },
  "a header's pattern goes": {
    change: (_, producer) => delete headers(producer).properties.traceparent.pattern,
    verdict: "MAJOR",
    says: /^header traceparent pattern .* → none/,
    event,
  },
  "a header is described differently": {
    change: (_, producer) => headers(producer).properties.tracestate.description = "Another text",
    verdict: "PATCH",
    says: /^header tracestate described differently; its meaning may have changed/,
    event,
  },
};
