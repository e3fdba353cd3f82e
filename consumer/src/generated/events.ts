// @generated from asyncapi.yaml — do not edit
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

export type EventName = (typeof eventNames)[keyof typeof eventNames];

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

/** The newest version of each event's schema. */
export const eventVersions: Record<EventName, number> = {
  "appointment.created": 3,
  "appointment.rescheduled": 1,
  "appointment.contact_changed": 2,
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
