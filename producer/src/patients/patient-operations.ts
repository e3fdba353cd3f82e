import * as v from "valibot";
import { appointmentExample, appointmentView } from "../appointments/appointment-view.ts";
import { eventNames } from "../generated/events.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";

const count = (description: string) => described(description, v.pipe(v.number(), v.integer(), v.minValue(0)));

const patient = v.pipe(
  v.strictObject({
    patientEmail: v.optional(fields.patientEmail),
    patientPhone: v.optional(fields.patientPhone),
  }),
  v.check(
    ({ patientEmail, patientPhone }) => (patientEmail === undefined) !== (patientPhone === undefined),
    "expected one of patientEmail and patientPhone",
  ),
  v.metadata({ ref: "Patient" }),
);
const example = { patientEmail: "ada@example.org" };

export const erasureView = v.pipe(
  v.strictObject({
    id: described(
      "The erasure; its events and what the other services record of it have this id",
      fields.appointmentId,
    ),
    appointments: count("Appointments whose contact data, reference and metadata were cleared"),
    waitingEvents: count("Events that were not published yet and lost what they said of the patient"),
    archivedEvents: count("Published events, kept for replays, that lost what they said of the patient"),
    storedAnswers: count("Answers, kept for repeated requests, that lost what they said of the patient"),
    destroyedKeys: count("Keys that were destroyed, so that what they encrypted is read nowhere any more"),
    announcedAppointments: count("Appointments of which the other services are told to clear what they keep"),
  }),
  v.metadata({ ref: "Erasure" }),
);

export const erasePatient = operation({
  tag: "Patients",
  scope: "erase",
  writes: true,
  operationId: "erasePatient",
  method: "post",
  path: "/v1/patients/erase",
  summary: "Erase what is kept of a patient",
  description:
    "Clears the contact data of every appointment that has the address or the number, or had it before, the bodies of " +
    "its events and kept answers, and tells the other services by `patient.erased`. The appointments stay, without a " +
    "patient: their status can still change, but nobody is told of it, and they are not moved any more. A second time " +
    "there is nothing left to clear.",
  body: { schema: patient, example },
  success: {
    200: {
      description: "Erased, or nothing was kept",
      schema: erasureView,
      example: {
        id: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4be1",
        appointments: 2,
        waitingEvents: 0,
        archivedEvents: 3,
        storedAnswers: 1,
        destroyedKeys: 1,
        announcedAppointments: 2,
      },
    },
  },
  problems: [],
});

const anyObject = v.record(v.string(), v.unknown());
const emptyEvent = { eventName: eventNames.appointmentCreated, aggregateId: appointmentExample.id };

const exportedEvent = v.strictObject({
  recordedAt: fields.moment("When it was confirmed, or written if it waits"),
  published: described("Whether the broker has confirmed it", v.boolean()),
  event: described("The event as it was published", anyObject),
});
const storedAnswer = v.strictObject({
  createdAt: fields.moment("When it was given"),
  answer: described("What a repeated request would get", anyObject),
});

export const exportPatient = operation({
  tag: "Patients",
  scope: "export",
  operationId: "exportPatient",
  method: "post",
  path: "/v1/patients/export",
  summary: "Export what is kept of a patient",
  description:
    "Everything that this service keeps of the address or the number, or of the appointments that had it before: for " +
    "the right of access (GDPR, article 15). `consumer patients export` adds what the other service keeps.",
  body: { schema: patient, example },
  success: {
    200: {
      description: "All of it",
      schema: v.pipe(
        v.strictObject({
          appointments: described("The patient's appointments", v.array(appointmentView)),
          events: described("Events about them", v.array(exportedEvent)),
          storedAnswers: described("Answers, kept for repeated requests, that show them", v.array(storedAnswer)),
        }),
        v.metadata({ ref: "PatientExport" }),
      ),
      example: {
        appointments: [appointmentExample],
        events: [{ recordedAt: "2026-11-23T08:00:00.000Z", published: true, event: emptyEvent }],
        storedAnswers: [],
      },
    },
  },
  problems: [],
});
