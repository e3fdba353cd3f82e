import { type Edit, replace } from "./edit.ts";

/** Faults whose events are all valid: only what a command means tells them from right. */

type Row = [what: string, ...edits: Edit[]];

const domain = "producer/src/domain";
const book = `${domain}/book-appointment.ts`;
const reschedule = `${domain}/reschedule-appointment.ts`;
const contact = `${domain}/change-contact.ts`;
const course = `${domain}/course-of-visit.ts`;
const reopen = `${domain}/reopen-appointment.ts`;
const doctorChanged = `${domain}/doctor-changed.ts`;
const localTime = `${domain}/local-time.ts`;
const seal = `${domain}/seal-event.ts`;
const appointment = `${domain}/appointment.ts`;
const commandPath = "producer/src/postgres/command-path.ts";

const cancelled = "payload: omitUndefined({ ...placeAndTime(current), durationMinutes, cancelledBy, reasonCode }),";
const isCancelled = 'if (current.status === "cancelled") return undefined;\n  requireTransition(current, "cancel");';
const timestamp = (instead: string) => replace(seal, "timestamp: occurredAt.toISOString(),", `timestamp: ${instead},`);
const written = 'return new Date(at + ms).toISOString().replace(at % 1000 === 0 ? ".000Z" : "Z", text);';

export const meaningTable: Record<string, Row[]> = {
  "values from the wrong source": [
    [
      "previousDoctorId is the new doctor",
      replace(reschedule, "previousDoctorId: current.doctorId", "previousDoctorId: doctorId"),
    ],
    [
      "previousAppointmentDate is the new date",
      replace(
        reschedule,
        "previousAppointmentDate: formatLocal(current.startsAt, current.timeZone)",
        "previousAppointmentDate: formatLocal(start.at, timeZone)",
      ),
    ],
    [
      "previousAppointmentDate by the new time zone",
      replace(reschedule, "formatLocal(current.startsAt, current.timeZone)", "formatLocal(current.startsAt, timeZone)"),
    ],
    [
      "previousDurationMinutes is the new length",
      replace(
        reschedule,
        "previousDurationMinutes: current.durationMinutes",
        "previousDurationMinutes: durationMinutes",
      ),
    ],
    [
      "durationMinutes of rescheduled is the old length",
      replace(
        reschedule,
        "        durationMinutes,\n        previousDoctorId",
        "        durationMinutes: current.durationMinutes,\n        previousDoctorId",
      ),
    ],
    [
      "doctorId of rescheduled is the old doctor",
      replace(
        reschedule,
        "        doctorId,\n        appointmentDate",
        "        doctorId: current.doctorId,\n        appointmentDate",
      ),
    ],
    [
      "doctorId of cancelled is the appointment's id",
      replace(course, cancelled, cancelled.replace("durationMinutes,", "doctorId: current.id, durationMinutes,")),
    ],
    [
      "cancelledBy swapped",
      replace(
        course,
        cancelled,
        cancelled.replace(
          "cancelledBy,",
          'cancelledBy: cancelledBy === "patient" ? "doctor" : cancelledBy && "patient",',
        ),
      ),
    ],
    [
      "the reason is who cancelled",
      replace(course, cancelled, cancelled.replace("reasonCode }", "reasonCode: reasonCode && cancelledBy }")),
    ],
    [
      "patientEmail is the doctor's address",
      replace(
        book,
        "createdEvent({ patientEmail, patientPhone }, common)",
        "createdEvent({ patientEmail: patientEmail && doctor.email, patientPhone }, common)",
      ),
    ],
    [
      "patientPhone is the doctor's number",
      replace(
        book,
        "createdEvent({ patientEmail, patientPhone }, common)",
        'createdEvent({ patientEmail, patientPhone: patientPhone && (doctor.phone ?? "+4930000000") }, common)',
      ),
    ],
    [
      "timeZone of created is the server's",
      replace(
        book,
        "    timeZone,\n    patientName,",
        "    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,\n    patientName,",
      ),
    ],
    [
      "timeZone of rescheduled is the doctor's",
      replace(
        reschedule,
        "        timeZone,\n        overbooked: overbook || undefined,",
        "        timeZone: doctor.timeZone,\n        overbooked: overbook || undefined,",
      ),
    ],
    [
      "every booking takes half an hour",
      replace(book, "    durationMinutes,\n    timeZone,", "    durationMinutes: 30,\n    timeZone,"),
    ],
    ["every visit is overbooked", replace(book, "overbooked: overbook || undefined", "overbooked: true")],
    [
      "reopened after an arrival, whatever it was",
      replace(reopen, "previousStatus: eventStatus[status as keyof typeof eventStatus]", 'previousStatus: "arrived"'),
    ],
    ["reopened for half an hour", replace(reopen, "        durationMinutes,\n", "        durationMinutes: 30,\n")],
    ["workingHours always empty", replace(doctorChanged, "workingHours: [...workingHours]", "workingHours: []")],
    ["exceptions without their intervals", replace(doctorChanged, "intervals: [...intervals]", "intervals: []")],
    [
      "the doctor's address is their name's",
      replace(doctorChanged, "        email,\n", '        email: "office@clinic.example",\n'),
    ],
    [
      "no language of patients without an address",
      replace(
        book,
        "payload: { patientPhone, ...common } }",
        "payload: { patientPhone, ...common, locale: undefined } }",
      ),
    ],
    [
      "no number of doctors who retired",
      replace(doctorChanged, "        phone,\n", "        phone: retiredAt ? undefined : phone,\n"),
    ],
    [
      "no language where the number changes too",
      replace(
        contact,
        "const present = changed.filter((key) => command[key] !== null);",
        'const present = changed.filter((key) => command[key] !== null && (key !== "locale" || !command.patientPhone));',
      ),
    ],
    [
      "what is as it was is told as changed",
      replace(
        contact,
        "(command[key] ?? undefined) !== current[key]",
        "(command[key] !== null || current[key] !== undefined)",
      ),
    ],
  ],
  "times": [
    [
      "the local wall clock with Z",
      replace(localTime, written, written.replace('"Z", text', '"Z", "Z"')),
    ],
    ["the same instant in UTC", replace(localTime, written, "return instant.toISOString();")],
    [
      "the same instant to the millisecond",
      replace(localTime, written, written.replace('at % 1000 === 0 ? ".000Z" : "Z"', '"Z"')),
    ],
    [
      "the same instant by the doctor's time zone",
      replace(
        book,
        "appointmentDate: formatLocal(start.at, timeZone)",
        "appointmentDate: formatLocal(start.at, doctor.timeZone)",
      ),
    ],
    ["the timestamp with an offset", timestamp('occurredAt.toISOString().replace("Z", "+00:00")')],
    ["the timestamp an hour off", timestamp("new Date(occurredAt.getTime() - 3_600_000).toISOString()")],
    ["the timestamp to the second", timestamp('occurredAt.toISOString().replace(/[.].*/, ".000Z")')],
    ["a timestamp that never changes", timestamp('"2026-11-27T08:00:00.000Z"')],
    ["timestamps that go backwards", timestamp("new Date(4e12 - occurredAt.getTime()).toISOString()")],
  ],
  "sequences": [
    [
      "aggregateVersion one too high",
      replace(commandPath, "next.aggregateVersion ?? next.version,", "(next.aggregateVersion ?? next.version) + 1,"),
    ],
    [
      "aggregateVersion always 1",
      replace(commandPath, "aggregateVersion: next.aggregateVersion ?? next.version,", "aggregateVersion: 1,"),
    ],
    [
      "aggregateVersion counts what is told to nobody",
      replace(commandPath, "next.aggregateVersion ?? next.version,", "next.version,"),
    ],
    [
      "aggregateVersion with holes",
      replace(
        appointment,
        "aggregateVersion: current.aggregateVersion + 1",
        "aggregateVersion: current.aggregateVersion + 2",
      ),
    ],
    [
      "each event written twice with new ids",
      replace(
        commandPath,
        "await inOneGo(saved(), deps.appendEvent(tx, store.type, sealed, context));",
        `await inOneGo(saved(), deps.appendEvent(tx, store.type, sealed, context));
    await deps.appendEvent(tx, store.type, { ...sealed, eventId: deps.newEventId() }, context);`,
      ),
    ],
    [
      "no event for a move of the length alone",
      replace(
        reschedule,
        "if (isSame) return undefined;",
        "if (isSame || Object.values(command).filter((value) => value !== undefined).length === 1 && command.durationMinutes) return undefined;",
      ),
    ],
    [
      "no event for a cancellation by the patient",
      replace(
        course,
        "  const { durationMinutes } = current;\n",
        '  const { durationMinutes } = current;\n  if (cancelledBy === "patient") return { next: { ...current, status: "cancelled", version: current.version + 1 } } as never;\n',
      ),
    ],
    [
      "a repeated cancellation is told again",
      replace(course, isCancelled, 'if (current.status !== "cancelled") requireTransition(current, "cancel");'),
    ],
    [
      "a repeated step is told again",
      replace(
        course,
        "if (current.status === status) return undefined;\n  requireTransition(current, step);",
        "if (current.status !== status) requireTransition(current, step);",
      ),
    ],
    [
      "a doctor who is the same is told again",
      replace(`${domain}/put-doctor.ts`, "if (current && isSame(command, described(current))) return undefined;\n", ""),
    ],
    [
      "a repeated request is told again",
      replace(
        commandPath,
        "if (first) return { answer: first, replayed: true };\n\n    const current",
        "const current",
      ),
    ],
    [
      "the relay publishes the newest first",
      replace(
        "producer/src/outbox/outbox-store.ts",
        "ORDER BY o.id LIMIT ${limit}`",
        "ORDER BY o.id DESC LIMIT ${limit}`",
      ),
    ],
    [
      "the relay publishes an aggregate's newest first",
      replace(
        "producer/src/outbox/outbox-store.ts",
        "e.aggregate_version < o.aggregate_version",
        "e.aggregate_version > o.aggregate_version",
      ),
    ],
  ],
};
