import * as v from "valibot";
import { appointmentExample, appointmentView } from "./appointment-view.ts";
import * as caller from "./caller-fields.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";
import { operation, type Schema } from "../http/operation.ts";
import { holdId } from "./hold-operations.ts";

const shared = { tag: "Appointments" } as const;
const one = v.strictObject({ id: fields.appointmentId });
const found = {
  description: "The appointment",
  schema: appointmentView,
  example: appointmentExample,
  headers: ["ETag"],
} as const;

const passesOver =
  "true books the visit even where the doctor has another one or does not work: neither is checked. It needs the " +
  "scope appointments:overbook.";
/** A member that a merge patch may remove. */
const removable = <const S extends Schema>(description: string, schema: S) =>
  described(description, v.nullable(schema));
const timeZone = described("The IANA time zone of the visit; the doctor's where it is not given", fields.timeZone);

export const bookAppointment = operation({
  ...shared,
  operationId: "bookAppointment",
  method: "post",
  path: "/v1/appointments",
  summary: "Book an appointment",
  scope: "appointments:write",
  writes: true,
  body: {
    schema: v.pipe(
      v.strictObject({
        patientEmail: v.optional(fields.patientEmail),
        doctorId: fields.doctorId,
        appointmentDate: fields.start,
        durationMinutes: v.optional(fields.durationMinutes, 30),
        timeZone: v.optional(timeZone),
        patientPhone: v.optional(fields.patientPhone),
        patientName: v.optional(fields.patientName),
        locale: v.optional(fields.locale),
        reference: v.optional(caller.reference),
        metadata: v.optional(caller.metadata),
        overbook: v.optional(described(`${passesOver} Without it both are checked`, v.boolean()), false),
        holdId: v.optional(described("The hold that keeps the time; it ends with the booking", holdId)),
      }),
      v.metadata({ ref: "NewAppointment", description: "One of patientEmail and patientPhone is required" }),
    ),
    example: { patientEmail: "ada@example.org", doctorId: "dr-lovelace", appointmentDate: "2030-12-02T10:00:00+01:00" },
  },
  success: { 201: { ...found, description: "Booked", headers: ["Location", "ETag"] } },
  problems: [
    "unknown-doctor",
    "invalid-value",
    "doctor-retired",
    "slot-unavailable",
    "outside-working-hours",
    "hold-expired",
  ],
});

export const getAppointment = operation({
  ...shared,
  operationId: "getAppointment",
  method: "get",
  path: "/v1/appointments/{id}",
  summary: "Read an appointment",
  scope: "appointments:read",
  preconditions: ["If-None-Match"],
  params: one,
  success: { 200: found, 304: { description: "It has the version that If-None-Match names", headers: ["ETag"] } },
  problems: ["appointment-not-found"],
});

export const changeAppointment = operation({
  ...shared,
  operationId: "changeAppointment",
  method: "patch",
  path: "/v1/appointments/{id}",
  summary: "Move an appointment, or change how the patient is reached",
  description:
    "A JSON merge patch (RFC 7396): what is absent stays as it is, and `null` removes what can be removed. " +
    "Either kind of change, not both in one request: each is one event. Reference and metadata may change beside " +
    "either, or alone, without an event. A visit that goes to a doctor in another time zone takes that doctor's, " +
    "unless `timeZone` says otherwise. An overbooked visit stays overbooked; moving it to a time that it did not take before needs " +
    "the scope `appointments:overbook`, as booking it did.",
  scope: "appointments:write",
  writes: true,
  preconditions: ["If-Match"],
  params: one,
  body: {
    mediaTypes: ["application/merge-patch+json"],
    schema: v.pipe(
      v.strictObject({
        doctorId: v.optional(fields.doctorId),
        appointmentDate: v.optional(fields.start),
        durationMinutes: v.optional(fields.durationMinutes),
        timeZone: v.optional(
          removable("The IANA time zone of the visit; null stands for the doctor's", fields.timeZone),
        ),
        overbook: v.optional(
          described(`${passesOver} false makes an overbooked visit a normal one, which is checked`, v.boolean()),
        ),
        patientEmail: v.optional(
          removable(
            "Where the patient gets mails; null removes it, if a telephone number is left",
            fields.patientEmail,
          ),
        ),
        patientPhone: v.optional(
          removable(
            "Where the patient gets text messages, in E.164's form; null removes it, if an e-mail address is left",
            fields.patientPhone,
          ),
        ),
        patientName: v.optional(
          removable("The patient's name; null removes it. Personal data", fields.patientName),
        ),
        locale: v.optional(
          removable(
            "The language of the patient's mails and text messages; null removes it, and the clinic's language is used",
            fields.locale,
          ),
        ),
        reference: v.optional(
          described("The caller's own id of the visit; null removes it", v.nullable(caller.reference)),
        ),
        metadata: v.optional(caller.metadataPatch),
      }),
      v.metadata({ ref: "AppointmentChange" }),
    ),
    example: { appointmentDate: "2030-12-02T14:00:00+01:00", durationMinutes: 45 },
  },
  success: { 200: { ...found, description: "Changed, or it was the same already" } },
  problems: [
    "appointment-not-found",
    "unknown-doctor",
    "invalid-value",
    "doctor-retired",
    "slot-unavailable",
    "outside-working-hours",
    "invalid-transition",
    "patient-erased",
    "precondition-required",
  ],
});
