import type { Verdict } from "../src/diff/change.ts";
import type { Document } from "./support/project.ts";

type Edit = (schemas: Document, producer: Document, consumer: Document) => void;

export interface Row {
  /** What the contract was before, where the change needs another one to start from. */
  given?: Edit;
  change: Edit;
  verdict: Verdict;
  /** What is said of it; the jobs that it breaks. */
  says: RegExp;
  breaks?: string[];
  /** Whose messages are compared; none where the change is not about what a schema allows. */
  event?: string;
}

const CREATED = "appointment.created";
const JOBS = ["notifications", "availability", "audit", "calendar", "analytics"];
const BUT_ANALYTICS = JOBS.slice(0, 4);

const payload = (schemas: Document, name = "AppointmentCreated") => schemas[name].properties.payload;
const without = (list: string[], ...gone: string[]) => list.filter((item) => !gone.includes(item));

/** Small changes of what messages look like. Each verdict is confirmed with messages of the one and the other side. */
export const MESSAGE_ROWS: Record<string, Row> = {
  "a required field that one job reads becomes optional": {
    change: (schemas) => payload(schemas).required = without(payload(schemas).required, "patientEmail"),
    verdict: "MAJOR",
    says:
      /^payload\.patientEmail no longer required: breaks notifications \(\$\.payload\.patientEmail\); availability, audit, calendar, analytics unaffected/,
    breaks: ["notifications"],
    event: CREATED,
  },
  "a required field that every job reads becomes optional": {
    change: (schemas) => payload(schemas).required = without(payload(schemas).required, "doctorId"),
    verdict: "MAJOR",
    says: /^payload\.doctorId no longer required: breaks notifications .*, analytics/,
    breaks: JOBS,
    event: CREATED,
  },
  "a required field of the envelope becomes optional": {
    change: (schemas) =>
      schemas.AppointmentCreated.required = without(schemas.AppointmentCreated.required, "timestamp"),
    verdict: "MAJOR",
    says: /^timestamp no longer required/,
    breaks: JOBS,
    event: CREATED,
  },
  "the payload becomes optional": {
    change: (schemas) => schemas.AppointmentCreated.required = without(schemas.AppointmentCreated.required, "payload"),
    verdict: "MAJOR",
    says: /^payload no longer required/,
    breaks: JOBS,
    event: CREATED,
  },
  "an optional field that is read becomes required": {
    change: (schemas) => payload(schemas).required.push("durationMinutes"),
    verdict: "MAJOR",
    says: /^payload\.durationMinutes now required: .*queued/,
    breaks: ["notifications", "availability", "calendar"],
    event: CREATED,
  },
  "an optional field that nobody reads becomes required": {
    change: (schemas, _, consumer) => {
      payload(schemas).required.push("overbooked");
      const reads = consumer.operations.audit["x-reads"];
      reads.appointmentCreated = without(reads.appointmentCreated, "payload.overbooked");
    },
    verdict: "MAJOR",
    says: /^payload\.overbooked now required: breaks no job/,
    breaks: [],
    event: CREATED,
  },
  "an optional field of the envelope becomes required": {
    change: (schemas) => schemas.AppointmentCreated.required.push("actor"),
    verdict: "MAJOR",
    says: /^actor now required/,
    breaks: ["audit"],
    event: CREATED,
  },
  "an optional field is added": {
    change: (schemas) => payload(schemas).properties.room = { type: "string" },
    verdict: "MINOR",
    says: /^payload\.room added, optional/,
    event: CREATED,
  },
  "an optional field of the envelope is added": {
    change: (schemas) => schemas.AppointmentCreated.properties.tenant = { type: "string" },
    verdict: "MINOR",
    says: /^tenant added, optional/,
    event: CREATED,
  },
  "a required field is added": {
    change: (schemas) => {
      payload(schemas).properties.room = { type: "string" };
      payload(schemas).required.push("room");
    },
    verdict: "MAJOR",
    says: /^payload\.room added, required: breaks no job/,
    breaks: [],
    event: CREATED,
  },
  "a required field is added and a job reads it": {
    change: (schemas, producer, consumer) => {
      payload(schemas).properties.room = { type: "string" };
      payload(schemas).required.push("room");
      for (const { payload } of producer.components.messages.appointmentCreated.examples) payload.payload.room = "2";
      consumer.operations.calendar["x-reads"].appointmentCreated.push("payload.room");
    },
    verdict: "MAJOR",
    says: /^payload\.room added, required: breaks calendar/,
    breaks: ["calendar"],
    event: CREATED,
  },
  "a required field is removed": {
    change: (schemas) => {
      delete payload(schemas).properties.patientEmail;
      payload(schemas).required = without(payload(schemas).required, "patientEmail");
    },
    verdict: "MAJOR",
    says: /^payload\.patientEmail removed, was required: breaks notifications/,
    breaks: ["notifications"],
    event: CREATED,
  },
  "an optional field that a job reads goes": {
    change: (schemas) => delete payload(schemas).properties.timeZone,
    verdict: "MAJOR",
    says: /^payload\.timeZone removed, was optional: breaks notifications/,
    breaks: ["notifications"],
    event: CREATED,
  },
  "an optional field that nobody reads goes": {
    given: (schemas) => payload(schemas).properties.room = { type: "string" },
    change: (schemas) => delete payload(schemas).properties.room,
    verdict: "MINOR",
    says: /^payload\.room removed, was optional/,
    event: CREATED,
  },
  "a field of a list's items becomes optional": {
    change: (schemas) => schemas.WorkingInterval.required = ["weekday", "start"],
    verdict: "MAJOR",
    says: /^payload\.workingHours\[\*\]\.end no longer required/,
    breaks: ["availability"],
    event: "doctor.updated",
  },
  "a list's items get an optional field": {
    change: (schemas) => schemas.WorkingInterval.properties.room = { type: "string" },
    verdict: "MINOR",
    says: /^payload\.workingHours\[\*\]\.room added, optional/,
    event: "doctor.updated",
  },
  "a list's items get a required field": {
    change: (schemas) => {
      schemas.WorkingInterval.properties.room = { type: "string" };
      schemas.WorkingInterval.required.push("room");
    },
    verdict: "MAJOR",
    says: /^payload\.workingHours\[\*\]\.room added, required/,
    breaks: ["availability"],
    event: "doctor.updated",
  },
  "a list deep inside may be longer": {
    change: (schemas) => schemas.WorkingException.properties.intervals.minItems = 1,
    verdict: "MAJOR",
    says: /^payload\.exceptions\[\*\]\.intervals minItems 0 → 1/,
    breaks: ["availability"],
    event: "doctor.updated",
  },
  "a type changes": {
    change: (schemas) => payload(schemas).properties.overbooked = { type: "string" },
    verdict: "MAJOR",
    says: /^payload\.overbooked type boolean → string/,
    breaks: ["audit"],
    event: CREATED,
  },
  "an integer becomes a number": {
    change: (schemas) => schemas.DurationMinutes.type = "number",
    verdict: "MAJOR",
    says: /^payload\.durationMinutes type integer → number/,
    breaks: ["notifications", "availability", "calendar"],
    event: CREATED,
  },
  "a field may be null": {
    change: (schemas) => schemas.Locale.type = ["string", "null"],
    verdict: "MAJOR",
    says: /^payload\.locale may now be null/,
    breaks: ["notifications"],
    event: CREATED,
  },
  "the payload may be null": {
    change: (schemas) => payload(schemas).type = ["object", "null"],
    verdict: "MAJOR",
    says: /^payload may now be null/,
    breaks: JOBS,
    event: CREATED,
  },
  "a minimum rises": {
    change: (schemas) => schemas.DurationMinutes.minimum = 7,
    verdict: "MAJOR",
    says: /^payload\.durationMinutes minimum 5 → 7: .*queued/,
    breaks: ["notifications", "availability", "calendar"],
    event: CREATED,
  },
  "a minimum falls": {
    change: (schemas) => schemas.DurationMinutes.minimum = 2,
    verdict: "MAJOR",
    says: /^payload\.durationMinutes minimum 5 → 2/,
    breaks: ["notifications", "availability", "calendar"],
    event: CREATED,
  },
  "a maximum falls": {
    change: (schemas) => schemas.DurationMinutes.maximum = 479,
    verdict: "MAJOR",
    says: /^payload\.durationMinutes maximum 480 → 479/,
    breaks: ["notifications", "availability", "calendar"],
    event: CREATED,
  },
  "a maximum rises": {
    change: (schemas) => schemas.DurationMinutes.maximum = 481,
    verdict: "MAJOR",
    says: /^payload\.durationMinutes maximum 480 → 481/,
    breaks: ["notifications", "availability", "calendar"],
    event: CREATED,
  },
  "a maximum goes": {
    change: (schemas) => delete schemas.DurationMinutes.maximum,
    verdict: "MAJOR",
    says: /^payload\.durationMinutes maximum 480 → none/,
    breaks: ["notifications", "availability", "calendar"],
    event: CREATED,
  },
  "a minimum becomes exclusive": {
    change: (schemas) => {
      delete schemas.DurationMinutes.minimum;
      schemas.DurationMinutes.exclusiveMinimum = 5;
    },
    verdict: "MAJOR",
    says: /^payload\.durationMinutes minimum 5 → 6/,
    breaks: ["notifications", "availability", "calendar"],
    event: CREATED,
  },
  "a number must be a multiple": {
    change: (schemas) => schemas.DurationMinutes.multipleOf = 5,
    verdict: "MAJOR",
    says: /^payload\.durationMinutes multipleOf none → 5/,
    breaks: ["notifications", "availability", "calendar"],
    event: CREATED,
  },
  "a text may be longer": {
    change: (schemas) => schemas.CorrelationId.maxLength = 200,
    verdict: "MAJOR",
    says: /^correlationId maxLength 128 → 200/,
    breaks: JOBS,
    event: CREATED,
  },
  "a text must be shorter": {
    change: (schemas) => schemas.CorrelationId.maxLength = 65,
    verdict: "MAJOR",
    says: /^correlationId maxLength 128 → 65: .*queued/,
    breaks: JOBS,
    event: CREATED,
  },
  "a text may be empty": {
    change: (schemas) => schemas.Actor.minLength = 0,
    verdict: "MAJOR",
    says: /^actor minLength 1 → 0: breaks audit \(\$\.actor\)/,
    breaks: ["audit"],
    event: CREATED,
  },
  "a text must not be short": {
    change: (schemas) => schemas.Actor.minLength = 2,
    verdict: "MAJOR",
    says: /^actor minLength 1 → 2/,
    breaks: ["audit"],
    event: CREATED,
  },
  "a pattern changes": {
    change: (schemas) => schemas.Locale.pattern = "^[A-Z]{2}$",
    verdict: "MAJOR",
    says: /^payload\.locale pattern/,
    breaks: ["notifications"],
    event: CREATED,
  },
  "a pattern goes": {
    change: (schemas) => delete schemas.Locale.pattern,
    verdict: "MAJOR",
    says: /^payload\.locale pattern .* → none/,
    breaks: ["notifications"],
    event: CREATED,
  },
  "a pattern comes": {
    change: (schemas) => schemas.TimeZone.pattern = "^Europe/",
    verdict: "MAJOR",
    says: /^payload\.timeZone pattern none → /,
    breaks: ["notifications"],
    event: CREATED,
  },
  "a format goes": {
    change: (schemas) => delete schemas.AppointmentDate.format,
    verdict: "MAJOR",
    says: /^payload\.appointmentDate format "date-time" → none/,
    breaks: JOBS,
    event: CREATED,
  },
  "a format comes": {
    change: (schemas) => schemas.Actor.format = "email",
    verdict: "MAJOR",
    says: /^actor format none → "email"/,
    breaks: ["audit"],
    event: CREATED,
  },
  "a format changes": {
    change: (schemas) => schemas.AppointmentDate.format = "date",
    verdict: "MAJOR",
    says: /^payload\.appointmentDate format "date-time" → "date"/,
    breaks: JOBS,
    event: CREATED,
  },
  "an enumeration gets another value": {
    change: (schemas) => payload(schemas, "AppointmentCancelled").properties.cancelledBy.enum.push("x"),
    verdict: "MAJOR",
    says: /^payload\.cancelledBy may now be "x"/,
    breaks: ["audit"],
    event: "appointment.cancelled",
  },
  "an enumeration loses a value": {
    change: (schemas) => payload(schemas, "AppointmentCancelled").properties.cancelledBy.enum.shift(),
    verdict: "MAJOR",
    says: /^payload\.cancelledBy no longer "patient"/,
    breaks: ["audit"],
    event: "appointment.cancelled",
  },
  "an enumeration is in another order": {
    change: (schemas) => payload(schemas, "AppointmentCancelled").properties.cancelledBy.enum.reverse(),
    verdict: "PATCH",
    says: /^written differently/,
    event: "appointment.cancelled",
  },
  "a text becomes an enumeration": {
    change: (schemas) => payload(schemas, "AppointmentCancelled").properties.reasonCode.enum = ["x"],
    verdict: "MAJOR",
    says: /^payload\.reasonCode only "x" from now on/,
    breaks: ["audit"],
    event: "appointment.cancelled",
  },
  "an enumeration becomes any text": {
    change: (schemas) => delete payload(schemas, "AppointmentCancelled").properties.cancelledBy.enum,
    verdict: "MAJOR",
    says: /^payload\.cancelledBy no longer only "patient"/,
    breaks: ["audit"],
    event: "appointment.cancelled",
  },
  "the version of an event's schema rises": {
    change: (schemas) => schemas.AppointmentArrived.properties.version.const = 2,
    verdict: "MAJOR",
    says: /^version may now be 2, no longer 1/,
    breaks: BUT_ANALYTICS,
    event: "appointment.arrived",
  },
  "an event gets another name": {
    change: (schemas) => schemas.AppointmentArrived.properties.eventName.const = "appointment.created",
    verdict: "MAJOR",
    says: /^eventName may now be "appointment\.created"/,
    breaks: BUT_ANALYTICS,
    event: "appointment.arrived",
  },
  "a list may be longer": {
    change: (schemas) => payload(schemas, "DoctorUpdated").properties.workingHours.maxItems = 1001,
    verdict: "MAJOR",
    says: /^payload\.workingHours maxItems 100 → 1001/,
    breaks: ["availability"],
    event: "doctor.updated",
  },
  "a list must not be empty": {
    change: (schemas) => payload(schemas, "DoctorUpdated").properties.workingHours.minItems = 1,
    verdict: "MAJOR",
    says: /^payload\.workingHours minItems 0 → 1/,
    breaks: ["availability"],
    event: "doctor.updated",
  },
  "a payload may be empty": {
    change: (schemas) => delete payload(schemas, "AppointmentContactChanged").minProperties,
    verdict: "MAJOR",
    says: /^payload minProperties 1 → 0: breaks no job/,
    breaks: [],
    event: "appointment.contact_changed",
  },
  "a payload must have two fields": {
    change: (schemas) => payload(schemas, "AppointmentContactChanged").minProperties = 2,
    verdict: "MAJOR",
    says: /^payload minProperties 1 → 2/,
    breaks: [],
    event: "appointment.contact_changed",
  },
  "a payload is closed to undeclared fields": {
    change: (schemas) => payload(schemas).additionalProperties = false,
    verdict: "MINOR",
    says: /^payload is closed to undeclared fields/,
    event: CREATED,
  },
  "a field goes from a payload that is now closed": {
    change: (schemas, _, consumer) => {
      payload(schemas).additionalProperties = false;
      delete payload(schemas).properties.overbooked;
      const reads = consumer.operations.audit["x-reads"];
      reads.appointmentCreated = without(reads.appointmentCreated, "payload.overbooked");
    },
    verdict: "MAJOR",
    says: /^payload\.overbooked removed, was optional: breaks audit .*queued/,
    event: CREATED,
  },
  "a field is described differently": {
    change: (schemas) => schemas.Locale.description = "Another text",
    verdict: "PATCH",
    says: /^payload\.locale described differently; its meaning may have changed/,
    event: CREATED,
  },
  "a schema is moved out of line": {
    change: (schemas) => {
      schemas.Overbooked = payload(schemas).properties.overbooked;
      payload(schemas).properties.overbooked = { $ref: "#/components/schemas/Overbooked" };
    },
    verdict: "PATCH",
    says: /^written differently/,
    event: CREATED,
  },
};
