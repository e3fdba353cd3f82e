// @generated from asyncapi.yaml — do not edit
import * as v from "valibot";
import { isDate, isDateTime, isEmail, isUuid } from "../formats.ts";

const aggregateId = v.pipe(v.string(), v.check(isUuid, "must be a UUID"));

const timestamp = v.pipe(v.string(), v.check(isDateTime, "must be an RFC 3339 date-time with offset"));

const eventId = v.pipe(v.string(), v.check(isUuid, "must be a UUID"));

const aggregateVersion = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2147483647));

const correlationId = v.pipe(
  v.string(),
  v.check((text) => [...text].length >= 1, "must not be empty"),
  v.check((text) => [...text].length <= 128, "must have at most 128 characters"),
);

const actor = v.pipe(
  v.string(),
  v.check((text) => [...text].length >= 1, "must not be empty"),
  v.check((text) => [...text].length <= 128, "must have at most 128 characters"),
);

const patientEmail = v.pipe(
  v.string(),
  v.check(isEmail, "must be an e-mail address"),
  v.check((text) => [...text].length <= 254, "must have at most 254 characters"),
);

const doctorId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._~-]*$/u),
  v.check((text) => [...text].length >= 1, "must not be empty"),
  v.check((text) => [...text].length <= 64, "must have at most 64 characters"),
);

const appointmentDate = v.pipe(v.string(), v.check(isDateTime, "must be an RFC 3339 date-time with offset"));

const durationMinutes = v.pipe(v.number(), v.integer(), v.minValue(5), v.maxValue(480));

const timeZone = v.pipe(
  v.string(),
  v.check((text) => [...text].length >= 1, "must not be empty"),
  v.check((text) => [...text].length <= 64, "must have at most 64 characters"),
);

const patientPhone = v.pipe(v.string(), v.regex(/^\+[1-9][0-9]{6,14}$/u));

const patientName = v.pipe(
  v.string(),
  v.regex(/^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+$/u),
  v.check((text) => [...text].length >= 1, "must not be empty"),
  v.check((text) => [...text].length <= 200, "must have at most 200 characters"),
);

const locale = v.pipe(
  v.string(),
  v.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/u),
  v.check((text) => [...text].length <= 35, "must have at most 35 characters"),
);

const personalData = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_.-]+$/u),
  v.check((text) => [...text].length <= 16384, "must have at most 16384 characters"),
);

const localTime = v.pipe(v.string(), v.regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/u));

const localEndTime = v.pipe(v.string(), v.regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/u));

const workingInterval = v.strictObject({
  weekday: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)),
  start: localTime,
  end: localEndTime,
});

const dayInterval = v.strictObject({
  start: localTime,
  end: localEndTime,
});

const workingException = v.strictObject({
  date: v.pipe(v.string(), v.check(isDate, "must be an RFC 3339 date")),
  intervals: v.pipe(v.array(dayInterval), v.maxLength(24)),
});

const erasureId = v.pipe(v.string(), v.check(isUuid, "must be a UUID"));

const optOutId = v.pipe(v.string(), v.check(isUuid, "must be a UUID"));

const notificationChannel = v.picklist(["email", "sms"]);

const notificationId = v.pipe(v.string(), v.check(isUuid, "must be a UUID"));

export const appointmentCreatedSchema = v.strictObject({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    patientEmail: patientEmail,
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
    timeZone: v.optional(timeZone),
    patientPhone: v.optional(patientPhone),
    patientName: v.optional(patientName),
    locale: v.optional(locale),
    overbooked: v.optional(v.boolean()),
  }),
});
export type AppointmentCreated = v.InferOutput<typeof appointmentCreatedSchema>;

export const appointmentCreatedV2Schema = v.strictObject({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
    timeZone: v.optional(timeZone),
    patientPhone: patientPhone,
    patientName: v.optional(patientName),
    locale: v.optional(locale),
    overbooked: v.optional(v.boolean()),
  }),
});
export type AppointmentCreatedV2 = v.InferOutput<typeof appointmentCreatedV2Schema>;

export const appointmentCreatedEncryptedSchema = v.strictObject({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(3),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    personalData: personalData,
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
    timeZone: v.optional(timeZone),
    locale: v.optional(locale),
    overbooked: v.optional(v.boolean()),
  }),
});
export type AppointmentCreatedEncrypted = v.InferOutput<typeof appointmentCreatedEncryptedSchema>;

export const appointmentRescheduledSchema = v.strictObject({
  eventName: v.literal("appointment.rescheduled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: durationMinutes,
    previousDoctorId: doctorId,
    previousAppointmentDate: appointmentDate,
    previousDurationMinutes: durationMinutes,
    timeZone: v.optional(timeZone),
    overbooked: v.optional(v.boolean()),
  }),
});
export type AppointmentRescheduled = v.InferOutput<typeof appointmentRescheduledSchema>;

export const appointmentContactChangedSchema = v.strictObject({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.pipe(
    v.unknown(),
    v.check((value) => !Array.isArray(value), "must be an object"),
    v.strictObject({
      patientEmail: v.optional(patientEmail),
      patientPhone: v.optional(patientPhone),
      patientName: v.optional(patientName),
      locale: v.optional(locale),
      removed: v.optional(v.pipe(
        v.array(v.pipe(v.string(), v.regex(/^[a-z][A-Za-z]{0,63}$/u))),
        v.minLength(1),
        v.maxLength(16),
      )),
    }),
    v.check((fields) => Object.values(fields).filter((field) => field !== undefined).length >= 1, "must have at least 1 of its fields"),
  ),
});
export type AppointmentContactChanged = v.InferOutput<typeof appointmentContactChangedSchema>;

export const appointmentContactChangedEncryptedSchema = v.strictObject({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    personalData: personalData,
    locale: v.optional(locale),
    removed: v.optional(v.pipe(
      v.array(v.pipe(v.string(), v.regex(/^[a-z][A-Za-z]{0,63}$/u))),
      v.minLength(1),
      v.maxLength(16),
    )),
  }),
});
export type AppointmentContactChangedEncrypted = v.InferOutput<typeof appointmentContactChangedEncryptedSchema>;

export const appointmentCancelledSchema = v.strictObject({
  eventName: v.literal("appointment.cancelled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: durationMinutes,
    cancelledBy: v.optional(v.picklist(["patient", "doctor", "clinic"])),
    reasonCode: v.optional(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,63}$/u))),
  }),
});
export type AppointmentCancelled = v.InferOutput<typeof appointmentCancelledSchema>;

export const appointmentArrivedSchema = v.strictObject({
  eventName: v.literal("appointment.arrived"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
  }),
});
export type AppointmentArrived = v.InferOutput<typeof appointmentArrivedSchema>;

export const appointmentCompletedSchema = v.strictObject({
  eventName: v.literal("appointment.completed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
  }),
});
export type AppointmentCompleted = v.InferOutput<typeof appointmentCompletedSchema>;

export const appointmentNoShowSchema = v.strictObject({
  eventName: v.literal("appointment.no_show"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
  }),
});
export type AppointmentNoShow = v.InferOutput<typeof appointmentNoShowSchema>;

export const appointmentReopenedSchema = v.strictObject({
  eventName: v.literal("appointment.reopened"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: durationMinutes,
    previousStatus: v.picklist(["arrived", "completed", "no_show"]),
    timeZone: v.optional(timeZone),
    overbooked: v.optional(v.boolean()),
  }),
});
export type AppointmentReopened = v.InferOutput<typeof appointmentReopenedSchema>;

export const doctorUpdatedSchema = v.strictObject({
  eventName: v.literal("doctor.updated"),
  aggregateId: doctorId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    name: v.pipe(
      v.string(),
      v.check((text) => [...text].length >= 1, "must not be empty"),
      v.check((text) => [...text].length <= 200, "must have at most 200 characters"),
    ),
    email: v.pipe(
      v.string(),
      v.check(isEmail, "must be an e-mail address"),
      v.check((text) => [...text].length <= 254, "must have at most 254 characters"),
    ),
    timeZone: timeZone,
    workingHours: v.pipe(v.array(workingInterval), v.maxLength(100)),
    exceptions: v.pipe(v.array(workingException), v.maxLength(1000)),
    phone: v.optional(v.pipe(v.string(), v.regex(/^\+[1-9][0-9]{6,14}$/u))),
    retired: v.optional(v.boolean()),
  }),
});
export type DoctorUpdated = v.InferOutput<typeof doctorUpdatedSchema>;

export const patientErasedSchema = v.strictObject({
  eventName: v.literal("patient.erased"),
  aggregateId: erasureId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    appointmentIds: v.pipe(v.array(aggregateId), v.minLength(1), v.maxLength(100)),
  }),
});
export type PatientErased = v.InferOutput<typeof patientErasedSchema>;

export const patientOptedOutSchema = v.strictObject({
  eventName: v.literal("patient.opted_out"),
  aggregateId: optOutId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    channel: notificationChannel,
    appointmentIds: v.pipe(v.array(aggregateId), v.minLength(1), v.maxLength(100)),
  }),
});
export type PatientOptedOut = v.InferOutput<typeof patientOptedOutSchema>;

export const notificationFailedSchema = v.strictObject({
  eventName: v.literal("notification.failed"),
  aggregateId: notificationId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.strictObject({
    appointmentId: aggregateId,
    channel: notificationChannel,
    recipient: v.picklist(["patient", "doctor"]),
    notification: v.picklist(["booked", "moved", "contact", "cancelled", "removed", "reminder"]),
    reason: v.picklist(["refused", "bounced", "undelivered", "opted_out", "not_handed_over"]),
  }),
});
export type NotificationFailed = v.InferOutput<typeof notificationFailedSchema>;

export const eventSchemas = {
  "appointment.created": v.variant("version", [appointmentCreatedSchema, appointmentCreatedV2Schema, appointmentCreatedEncryptedSchema]),
  "appointment.rescheduled": appointmentRescheduledSchema,
  "appointment.contact_changed": v.variant("version", [appointmentContactChangedSchema, appointmentContactChangedEncryptedSchema]),
  "appointment.cancelled": appointmentCancelledSchema,
  "appointment.arrived": appointmentArrivedSchema,
  "appointment.completed": appointmentCompletedSchema,
  "appointment.no_show": appointmentNoShowSchema,
  "appointment.reopened": appointmentReopenedSchema,
  "doctor.updated": doctorUpdatedSchema,
  "patient.erased": patientErasedSchema,
  "patient.opted_out": patientOptedOutSchema,
  "notification.failed": notificationFailedSchema,
} as const;

export type EventName = keyof typeof eventSchemas;
export type DomainEvent =
  | AppointmentCreated
  | AppointmentCreatedV2
  | AppointmentCreatedEncrypted
  | AppointmentRescheduled
  | AppointmentContactChanged
  | AppointmentContactChangedEncrypted
  | AppointmentCancelled
  | AppointmentArrived
  | AppointmentCompleted
  | AppointmentNoShow
  | AppointmentReopened
  | DoctorUpdated
  | PatientErased
  | PatientOptedOut
  | NotificationFailed;

export const eventNames = {
  appointmentCreated: "appointment.created",
  appointmentRescheduled: "appointment.rescheduled",
  appointmentContactChanged: "appointment.contact_changed",
  appointmentCancelled: "appointment.cancelled",
  appointmentArrived: "appointment.arrived",
  appointmentCompleted: "appointment.completed",
  appointmentNoShow: "appointment.no_show",
  appointmentReopened: "appointment.reopened",
  doctorUpdated: "doctor.updated",
  patientErased: "patient.erased",
  patientOptedOut: "patient.opted_out",
  notificationFailed: "notification.failed",
} as const;

export const routingKeys: Record<EventName, string> = {
  "appointment.created": "appointment.created",
  "appointment.rescheduled": "appointment.rescheduled",
  "appointment.contact_changed": "appointment.contact_changed",
  "appointment.cancelled": "appointment.cancelled",
  "appointment.arrived": "appointment.arrived",
  "appointment.completed": "appointment.completed",
  "appointment.no_show": "appointment.no_show",
  "appointment.reopened": "appointment.reopened",
  "doctor.updated": "doctor.updated",
  "patient.erased": "patient.erased",
  "patient.opted_out": "patient.opted_out",
  "notification.failed": "notification.failed",
};

/** The oldest version of each event that its schema takes. */
export const oldestVersions: Record<EventName, number> = {
  "appointment.created": 1,
  "appointment.rescheduled": 1,
  "appointment.contact_changed": 1,
  "appointment.cancelled": 1,
  "appointment.arrived": 1,
  "appointment.completed": 1,
  "appointment.no_show": 1,
  "appointment.reopened": 1,
  "doctor.updated": 1,
  "patient.erased": 1,
  "patient.opted_out": 1,
  "notification.failed": 1,
};

/** The version of an event whose personal fields are encrypted, the versions that it stands for, and those fields. */
export const encryptedForms: Partial<
  Record<EventName, { version: number; plainVersions: readonly number[]; fields: readonly string[] }>
> = {
  "appointment.created": {
    version: 3,
    plainVersions: [
      1,
      2,
    ],
    fields: [
      "patientEmail",
      "patientPhone",
      "patientName",
    ],
  },
  "appointment.contact_changed": {
    version: 2,
    plainVersions: [
      1,
    ],
    fields: [
      "patientEmail",
      "patientPhone",
      "patientName",
    ],
  },
};
