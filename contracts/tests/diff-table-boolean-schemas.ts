import type { Row } from "./diff-table.ts";
import type { Document } from "./support/project.ts";

const CANCELLED = "appointment.cancelled";
const DOCTOR = "doctor.updated";

const cancelled = (schemas: Document) => schemas.AppointmentCancelled.properties.payload.properties;
const workingHours = (schemas: Document) => schemas.DoctorUpdated.properties.payload.properties.workingHours;

/** Schemas that are `true` or `false`, on either side. Confirmed like the other messages. */
export const BOOLEAN_SCHEMA_ROWS: Record<string, Row> = {
  "a text may be anything": {
    change: (schemas) => cancelled(schemas).reasonCode = true,
    verdict: "MAJOR",
    says: /^payload\.reasonCode type string → any/,
    breaks: ["audit"],
    event: CANCELLED,
  },
  "anything must be a text": {
    given: (schemas) => cancelled(schemas).reasonCode = true,
    change: (schemas) => cancelled(schemas).reasonCode = { type: "string" },
    verdict: "MAJOR",
    says: /^payload\.reasonCode type any → string: .*queued/,
    breaks: ["audit"],
    event: CANCELLED,
  },
  "a field is forbidden": {
    change: (schemas) => cancelled(schemas).reasonCode = false,
    verdict: "MAJOR",
    says: /^payload\.reasonCode may have no value any more: .*queued/,
    breaks: ["audit"],
    event: CANCELLED,
  },
  "a forbidden field is allowed": {
    given: (schemas) => cancelled(schemas).reasonCode = false,
    change: (schemas) => cancelled(schemas).reasonCode = { type: "string" },
    verdict: "MAJOR",
    says: /^payload\.reasonCode may have a value now/,
    breaks: ["audit"],
    event: CANCELLED,
  },
  "a list must be empty": {
    change: (schemas) => workingHours(schemas).items = false,
    verdict: "MAJOR",
    says: /^payload\.workingHours\[\*\] may have no value any more: .*queued/,
    breaks: ["availability"],
    event: DOCTOR,
  },
  "a list need not be empty": {
    given: (schemas) => workingHours(schemas).items = false,
    change: (schemas) => delete workingHours(schemas).items,
    verdict: "MAJOR",
    says: /^payload\.workingHours\[\*\] may have a value now/,
    breaks: ["availability"],
    event: DOCTOR,
  },
  "a list may have anything in it": {
    change: (schemas) => workingHours(schemas).items = true,
    verdict: "MAJOR",
    says: /^payload\.workingHours\[\*\] type object → any/,
    breaks: ["availability"],
    event: DOCTOR,
  },
  "a payload says that it is open, which it was": {
    change: (schemas) => schemas.AppointmentCancelled.properties.payload.additionalProperties = true,
    verdict: "PATCH",
    says: /^written differently/,
    event: CANCELLED,
  },
};
