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

const erasureId = v.pipe(v.string(), v.check(isUuid, "must be a UUID"));

const localTime = v.pipe(v.string(), v.regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/u));

const localEndTime = v.pipe(v.string(), v.regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/u));

const workingInterval = v.object({
  weekday: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)),
  start: localTime,
  end: localEndTime,
});

const dayInterval = v.object({
  start: localTime,
  end: localEndTime,
});

const workingException = v.object({
  date: v.pipe(v.string(), v.check(isDate, "must be an RFC 3339 date")),
  intervals: v.pipe(v.array(dayInterval), v.maxLength(24)),
});

const actor = v.pipe(
  v.string(),
  v.check((text) => [...text].length >= 1, "must not be empty"),
  v.check((text) => [...text].length <= 128, "must have at most 128 characters"),
);

const optOutId = v.pipe(v.string(), v.check(isUuid, "must be a UUID"));

const notificationChannel = v.picklist(["email", "sms"]);

const notificationId = v.pipe(v.string(), v.check(isUuid, "must be a UUID"));

export const notificationsAppointmentCreatedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    patientEmail: patientEmail,
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
    timeZone: v.optional(timeZone),
    patientPhone: v.optional(patientPhone),
    patientName: v.optional(patientName),
    locale: v.optional(locale),
  }),
});

export const notificationsAppointmentCreatedV2Schema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
    timeZone: v.optional(timeZone),
    patientPhone: patientPhone,
    patientName: v.optional(patientName),
    locale: v.optional(locale),
  }),
});

export const notificationsAppointmentCreatedEncryptedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(3),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    personalData: personalData,
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
    timeZone: v.optional(timeZone),
    locale: v.optional(locale),
  }),
});

export const notificationsAppointmentRescheduledSchema = v.object({
  eventName: v.literal("appointment.rescheduled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: durationMinutes,
    previousDoctorId: doctorId,
    previousAppointmentDate: appointmentDate,
    timeZone: v.optional(timeZone),
  }),
});

export const notificationsAppointmentContactChangedSchema = v.object({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(
    v.unknown(),
    v.check((value) => !Array.isArray(value), "must be an object"),
    v.object({
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
  ),
});

export const notificationsAppointmentContactChangedEncryptedSchema = v.object({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    personalData: personalData,
    locale: v.optional(locale),
    removed: v.optional(v.pipe(
      v.array(v.pipe(v.string(), v.regex(/^[a-z][A-Za-z]{0,63}$/u))),
      v.minLength(1),
      v.maxLength(16),
    )),
  }),
});

export const notificationsAppointmentCancelledSchema = v.object({
  eventName: v.literal("appointment.cancelled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: durationMinutes,
  }),
});

export const notificationsAppointmentArrivedSchema = v.object({
  eventName: v.literal("appointment.arrived"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const notificationsAppointmentCompletedSchema = v.object({
  eventName: v.literal("appointment.completed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const notificationsAppointmentNoShowSchema = v.object({
  eventName: v.literal("appointment.no_show"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const notificationsAppointmentReopenedSchema = v.object({
  eventName: v.literal("appointment.reopened"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: durationMinutes,
    timeZone: v.optional(timeZone),
  }),
});

export const notificationsDoctorUpdatedSchema = v.object({
  eventName: v.literal("doctor.updated"),
  aggregateId: doctorId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
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
    phone: v.optional(v.pipe(v.string(), v.regex(/^\+[1-9][0-9]{6,14}$/u))),
  }),
});

export const notificationsPatientErasedSchema = v.object({
  eventName: v.literal("patient.erased"),
  aggregateId: erasureId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    appointmentIds: v.pipe(v.array(aggregateId), v.minLength(1), v.maxLength(100)),
  }),
});

export const availabilityAppointmentCreatedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
    overbooked: v.optional(v.boolean()),
  }),
});

export const availabilityAppointmentCreatedV2Schema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
    overbooked: v.optional(v.boolean()),
  }),
});

export const availabilityAppointmentCreatedEncryptedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(3),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
    overbooked: v.optional(v.boolean()),
  }),
});

export const availabilityAppointmentRescheduledSchema = v.object({
  eventName: v.literal("appointment.rescheduled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: durationMinutes,
    overbooked: v.optional(v.boolean()),
  }),
});

export const availabilityAppointmentContactChangedSchema = v.object({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const availabilityAppointmentContactChangedEncryptedSchema = v.object({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const availabilityAppointmentCancelledSchema = v.object({
  eventName: v.literal("appointment.cancelled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const availabilityAppointmentArrivedSchema = v.object({
  eventName: v.literal("appointment.arrived"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const availabilityAppointmentCompletedSchema = v.object({
  eventName: v.literal("appointment.completed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const availabilityAppointmentNoShowSchema = v.object({
  eventName: v.literal("appointment.no_show"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const availabilityAppointmentReopenedSchema = v.object({
  eventName: v.literal("appointment.reopened"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: durationMinutes,
    overbooked: v.optional(v.boolean()),
  }),
});

export const availabilityDoctorUpdatedSchema = v.object({
  eventName: v.literal("doctor.updated"),
  aggregateId: doctorId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    timeZone: timeZone,
    workingHours: v.pipe(v.array(workingInterval), v.maxLength(100)),
    exceptions: v.pipe(v.array(workingException), v.maxLength(1000)),
    retired: v.optional(v.boolean()),
  }),
});

export const auditAppointmentCreatedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    overbooked: v.optional(v.boolean()),
  }),
});

export const auditAppointmentCreatedV2Schema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    overbooked: v.optional(v.boolean()),
  }),
});

export const auditAppointmentCreatedEncryptedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(3),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    overbooked: v.optional(v.boolean()),
  }),
});

export const auditAppointmentRescheduledSchema = v.object({
  eventName: v.literal("appointment.rescheduled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    previousDoctorId: doctorId,
    previousAppointmentDate: appointmentDate,
    previousDurationMinutes: durationMinutes,
    overbooked: v.optional(v.boolean()),
  }),
});

export const auditAppointmentContactChangedSchema = v.object({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const auditAppointmentContactChangedEncryptedSchema = v.object({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const auditAppointmentCancelledSchema = v.object({
  eventName: v.literal("appointment.cancelled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    cancelledBy: v.optional(v.picklist(["patient", "doctor", "clinic"])),
    reasonCode: v.optional(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,63}$/u))),
  }),
});

export const auditAppointmentArrivedSchema = v.object({
  eventName: v.literal("appointment.arrived"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
  }),
});

export const auditAppointmentCompletedSchema = v.object({
  eventName: v.literal("appointment.completed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
  }),
});

export const auditAppointmentNoShowSchema = v.object({
  eventName: v.literal("appointment.no_show"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
  }),
});

export const auditAppointmentReopenedSchema = v.object({
  eventName: v.literal("appointment.reopened"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    previousStatus: v.picklist(["arrived", "completed", "no_show"]),
  }),
});

export const auditDoctorUpdatedSchema = v.object({
  eventName: v.literal("doctor.updated"),
  aggregateId: doctorId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const auditPatientErasedSchema = v.object({
  eventName: v.literal("patient.erased"),
  aggregateId: erasureId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    appointmentIds: v.pipe(v.array(aggregateId), v.minLength(1), v.maxLength(100)),
  }),
});

export const auditPatientOptedOutSchema = v.object({
  eventName: v.literal("patient.opted_out"),
  aggregateId: optOutId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    channel: notificationChannel,
    appointmentIds: v.pipe(v.array(aggregateId), v.minLength(1), v.maxLength(100)),
  }),
});

export const auditNotificationFailedSchema = v.object({
  eventName: v.literal("notification.failed"),
  aggregateId: notificationId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  actor: v.optional(actor),
  payload: v.object({
    appointmentId: aggregateId,
    channel: notificationChannel,
    recipient: v.picklist(["patient", "doctor"]),
    notification: v.picklist(["booked", "moved", "contact", "cancelled", "removed", "reminder"]),
    reason: v.picklist(["refused", "bounced", "undelivered", "opted_out", "not_handed_over"]),
  }),
});

export const calendarAppointmentCreatedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
  }),
});

export const calendarAppointmentCreatedV2Schema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
  }),
});

export const calendarAppointmentCreatedEncryptedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(3),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: v.optional(durationMinutes),
  }),
});

export const calendarAppointmentRescheduledSchema = v.object({
  eventName: v.literal("appointment.rescheduled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
    durationMinutes: durationMinutes,
    previousDoctorId: doctorId,
  }),
});

export const calendarAppointmentContactChangedSchema = v.object({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const calendarAppointmentContactChangedEncryptedSchema = v.object({
  eventName: v.literal("appointment.contact_changed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const calendarAppointmentCancelledSchema = v.object({
  eventName: v.literal("appointment.cancelled"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
  }),
});

export const calendarAppointmentArrivedSchema = v.object({
  eventName: v.literal("appointment.arrived"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const calendarAppointmentCompletedSchema = v.object({
  eventName: v.literal("appointment.completed"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const calendarAppointmentNoShowSchema = v.object({
  eventName: v.literal("appointment.no_show"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const calendarAppointmentReopenedSchema = v.object({
  eventName: v.literal("appointment.reopened"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.pipe(v.unknown(), v.check((value) => !Array.isArray(value), "must be an object"), v.object({})),
});

export const calendarPatientErasedSchema = v.object({
  eventName: v.literal("patient.erased"),
  aggregateId: erasureId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    appointmentIds: v.pipe(v.array(aggregateId), v.minLength(1), v.maxLength(100)),
  }),
});

export const analyticsAppointmentCreatedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(1),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
  }),
});

export const analyticsAppointmentCreatedV2Schema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(2),
  eventId: v.optional(eventId),
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
  }),
});

export const analyticsAppointmentCreatedEncryptedSchema = v.object({
  eventName: v.literal("appointment.created"),
  aggregateId: aggregateId,
  timestamp: timestamp,
  version: v.literal(3),
  eventId: eventId,
  aggregateVersion: v.optional(aggregateVersion),
  correlationId: v.optional(correlationId),
  payload: v.object({
    doctorId: doctorId,
    appointmentDate: appointmentDate,
  }),
});

export const jobs = {
  notifications: {
    queue: "apt.notifications.queue",
    events: {
      "appointment.created": v.variant("version", [notificationsAppointmentCreatedSchema, notificationsAppointmentCreatedV2Schema, notificationsAppointmentCreatedEncryptedSchema]),
      "appointment.rescheduled": notificationsAppointmentRescheduledSchema,
      "appointment.contact_changed": v.variant("version", [notificationsAppointmentContactChangedSchema, notificationsAppointmentContactChangedEncryptedSchema]),
      "appointment.cancelled": notificationsAppointmentCancelledSchema,
      "appointment.arrived": notificationsAppointmentArrivedSchema,
      "appointment.completed": notificationsAppointmentCompletedSchema,
      "appointment.no_show": notificationsAppointmentNoShowSchema,
      "appointment.reopened": notificationsAppointmentReopenedSchema,
      "doctor.updated": notificationsDoctorUpdatedSchema,
      "patient.erased": notificationsPatientErasedSchema,
    },
  },
  availability: {
    queue: "apt.availability.queue",
    events: {
      "appointment.created": v.variant("version", [availabilityAppointmentCreatedSchema, availabilityAppointmentCreatedV2Schema, availabilityAppointmentCreatedEncryptedSchema]),
      "appointment.rescheduled": availabilityAppointmentRescheduledSchema,
      "appointment.contact_changed": v.variant("version", [availabilityAppointmentContactChangedSchema, availabilityAppointmentContactChangedEncryptedSchema]),
      "appointment.cancelled": availabilityAppointmentCancelledSchema,
      "appointment.arrived": availabilityAppointmentArrivedSchema,
      "appointment.completed": availabilityAppointmentCompletedSchema,
      "appointment.no_show": availabilityAppointmentNoShowSchema,
      "appointment.reopened": availabilityAppointmentReopenedSchema,
      "doctor.updated": availabilityDoctorUpdatedSchema,
    },
  },
  audit: {
    queue: "apt.audit.queue",
    events: {
      "appointment.created": v.variant("version", [auditAppointmentCreatedSchema, auditAppointmentCreatedV2Schema, auditAppointmentCreatedEncryptedSchema]),
      "appointment.rescheduled": auditAppointmentRescheduledSchema,
      "appointment.contact_changed": v.variant("version", [auditAppointmentContactChangedSchema, auditAppointmentContactChangedEncryptedSchema]),
      "appointment.cancelled": auditAppointmentCancelledSchema,
      "appointment.arrived": auditAppointmentArrivedSchema,
      "appointment.completed": auditAppointmentCompletedSchema,
      "appointment.no_show": auditAppointmentNoShowSchema,
      "appointment.reopened": auditAppointmentReopenedSchema,
      "doctor.updated": auditDoctorUpdatedSchema,
      "patient.erased": auditPatientErasedSchema,
      "patient.opted_out": auditPatientOptedOutSchema,
      "notification.failed": auditNotificationFailedSchema,
    },
  },
  calendar: {
    queue: "apt.calendar.queue",
    events: {
      "appointment.created": v.variant("version", [calendarAppointmentCreatedSchema, calendarAppointmentCreatedV2Schema, calendarAppointmentCreatedEncryptedSchema]),
      "appointment.rescheduled": calendarAppointmentRescheduledSchema,
      "appointment.contact_changed": v.variant("version", [calendarAppointmentContactChangedSchema, calendarAppointmentContactChangedEncryptedSchema]),
      "appointment.cancelled": calendarAppointmentCancelledSchema,
      "appointment.arrived": calendarAppointmentArrivedSchema,
      "appointment.completed": calendarAppointmentCompletedSchema,
      "appointment.no_show": calendarAppointmentNoShowSchema,
      "appointment.reopened": calendarAppointmentReopenedSchema,
      "patient.erased": calendarPatientErasedSchema,
    },
  },
  analytics: {
    queue: "apt.created.queue",
    events: {
      "appointment.created": v.variant("version", [analyticsAppointmentCreatedSchema, analyticsAppointmentCreatedV2Schema, analyticsAppointmentCreatedEncryptedSchema]),
    },
  },
} as const;

export type JobName = keyof typeof jobs;

export type NotificationsEvent =
  | v.InferOutput<typeof notificationsAppointmentCreatedSchema>
  | v.InferOutput<typeof notificationsAppointmentCreatedV2Schema>
  | v.InferOutput<typeof notificationsAppointmentCreatedEncryptedSchema>
  | v.InferOutput<typeof notificationsAppointmentRescheduledSchema>
  | v.InferOutput<typeof notificationsAppointmentContactChangedSchema>
  | v.InferOutput<typeof notificationsAppointmentContactChangedEncryptedSchema>
  | v.InferOutput<typeof notificationsAppointmentCancelledSchema>
  | v.InferOutput<typeof notificationsAppointmentArrivedSchema>
  | v.InferOutput<typeof notificationsAppointmentCompletedSchema>
  | v.InferOutput<typeof notificationsAppointmentNoShowSchema>
  | v.InferOutput<typeof notificationsAppointmentReopenedSchema>
  | v.InferOutput<typeof notificationsDoctorUpdatedSchema>
  | v.InferOutput<typeof notificationsPatientErasedSchema>;

export type AvailabilityEvent =
  | v.InferOutput<typeof availabilityAppointmentCreatedSchema>
  | v.InferOutput<typeof availabilityAppointmentCreatedV2Schema>
  | v.InferOutput<typeof availabilityAppointmentCreatedEncryptedSchema>
  | v.InferOutput<typeof availabilityAppointmentRescheduledSchema>
  | v.InferOutput<typeof availabilityAppointmentContactChangedSchema>
  | v.InferOutput<typeof availabilityAppointmentContactChangedEncryptedSchema>
  | v.InferOutput<typeof availabilityAppointmentCancelledSchema>
  | v.InferOutput<typeof availabilityAppointmentArrivedSchema>
  | v.InferOutput<typeof availabilityAppointmentCompletedSchema>
  | v.InferOutput<typeof availabilityAppointmentNoShowSchema>
  | v.InferOutput<typeof availabilityAppointmentReopenedSchema>
  | v.InferOutput<typeof availabilityDoctorUpdatedSchema>;

export type AuditEvent =
  | v.InferOutput<typeof auditAppointmentCreatedSchema>
  | v.InferOutput<typeof auditAppointmentCreatedV2Schema>
  | v.InferOutput<typeof auditAppointmentCreatedEncryptedSchema>
  | v.InferOutput<typeof auditAppointmentRescheduledSchema>
  | v.InferOutput<typeof auditAppointmentContactChangedSchema>
  | v.InferOutput<typeof auditAppointmentContactChangedEncryptedSchema>
  | v.InferOutput<typeof auditAppointmentCancelledSchema>
  | v.InferOutput<typeof auditAppointmentArrivedSchema>
  | v.InferOutput<typeof auditAppointmentCompletedSchema>
  | v.InferOutput<typeof auditAppointmentNoShowSchema>
  | v.InferOutput<typeof auditAppointmentReopenedSchema>
  | v.InferOutput<typeof auditDoctorUpdatedSchema>
  | v.InferOutput<typeof auditPatientErasedSchema>
  | v.InferOutput<typeof auditPatientOptedOutSchema>
  | v.InferOutput<typeof auditNotificationFailedSchema>;

export type CalendarEvent =
  | v.InferOutput<typeof calendarAppointmentCreatedSchema>
  | v.InferOutput<typeof calendarAppointmentCreatedV2Schema>
  | v.InferOutput<typeof calendarAppointmentCreatedEncryptedSchema>
  | v.InferOutput<typeof calendarAppointmentRescheduledSchema>
  | v.InferOutput<typeof calendarAppointmentContactChangedSchema>
  | v.InferOutput<typeof calendarAppointmentContactChangedEncryptedSchema>
  | v.InferOutput<typeof calendarAppointmentCancelledSchema>
  | v.InferOutput<typeof calendarAppointmentArrivedSchema>
  | v.InferOutput<typeof calendarAppointmentCompletedSchema>
  | v.InferOutput<typeof calendarAppointmentNoShowSchema>
  | v.InferOutput<typeof calendarAppointmentReopenedSchema>
  | v.InferOutput<typeof calendarPatientErasedSchema>;

export type AnalyticsEvent =
  | v.InferOutput<typeof analyticsAppointmentCreatedSchema>
  | v.InferOutput<typeof analyticsAppointmentCreatedV2Schema>
  | v.InferOutput<typeof analyticsAppointmentCreatedEncryptedSchema>;
