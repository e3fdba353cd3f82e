import fc, { type Arbitrary } from "fast-check";
import { written } from "./change-visit.ts";
import type { Contact, DoctorState, VisitState } from "./clinic.ts";
import { withKeptEmail } from "./kept-email.ts";
import * as values from "./values.ts";
import { book, type Booking } from "./visit-commands.ts";
import { type Kind, kind } from "./walk-command.ts";
import { act, keep, pick } from "./walked-clinic.ts";

type Drawn = Omit<Booking, "startsAt" | "contact"> & { contact: Contact; minute: number; hold?: boolean };

const byMail = fc.record({ patientEmail: values.email });
const byPhone = fc.record({ patientPhone: values.phone });
const further = fc.record({ patientName: values.personName, locale: values.locale });
const all = fc.tuple(byMail, byPhone, further).map((parts) => Object.assign({}, ...parts) as Contact);

const bookings: Record<string, Arbitrary<Omit<Drawn, "minute">>> = {
  "by mail": fc.record({ contact: byMail }),
  "by phone": fc.record({ contact: byPhone }),
  "by phone, with name and language": fc.record({
    contact: fc.tuple(byPhone, further).map(([one, other]) => ({ ...one, ...other })),
  }),
  "with the whole contact": fc.record({ contact: all, durationMinutes: values.durationMinutes }),
  "of some length": fc.record({ contact: byMail, durationMinutes: values.durationMinutes }),
  "in a time zone of its own": fc.record({ contact: byMail, timeZone: values.timeZone }),
  "over others": fc.record({ contact: byMail, overbook: fc.constant(true) }),
  "with a hold": fc.record({ contact: byMail, durationMinutes: values.durationMinutes, hold: fc.constant(true) }),
  "with everything": fc.record({
    contact: all,
    durationMinutes: values.durationMinutes,
    timeZone: values.timeZone,
    overbook: fc.boolean(),
    reference: values.reference,
    metadata: values.metadata,
  }),
};

const aggregateVersionOf = ({ aggregateVersion }: { aggregateVersion: number }) => aggregateVersion;

function booking(name: string, drawn: Arbitrary<Omit<Drawn, "minute">>): Kind {
  const withMinute = fc.tuple(drawn, values.minuteOfDay).map(([rest, minute]): Drawn => ({ ...rest, minute }));
  return kind(`book: ${name}`, withMinute, async ({ clinic, producer, values: given, manner, which }) => {
    const doctor = pick(clinic.doctors, which) as DoctorState;
    const { minute, contact, hold = false, ...rest } = given;
    const startsAt = clinic.nextStart(minute);
    const overbook = doctor.workingHours.length > 0 ? true : rest.overbook;
    const timeZone = values.otherZone(rest.timeZone, doctor.timeZone);
    const asked = { ...rest, ...(timeZone && { timeZone }), ...(overbook === undefined ? {} : { overbook }) };
    const what = `book: ${name} from ${doctor.retired ? "retired" : "active"}`;
    const appointmentDate = written(startsAt, "UTC", doctor.timeZone);
    const slot = { doctorId: doctor.id, appointmentDate, durationMinutes: rest.durationMinutes };
    // A hold is told to nobody.
    const isHeld = hold && !overbook && !doctor.retired;
    const held = isHeld
      ? await act(clinic, producer, {
        what,
        call: { method: "POST", path: "/v1/holds", body: slot },
        manner: { ...manner, twice: false },
        meaning: { status: 201, next: {} },
        aggregateVersionOf: () => 0,
      })
      : undefined;
    const body = { ...contact, ...asked, doctorId: doctor.id, appointmentDate, ...(held && { holdId: held.id }) };
    const visit = await act<Omit<VisitState, "id">>(clinic, producer, {
      what,
      call: { method: "POST", path: "/v1/appointments", body },
      manner,
      meaning: book({ ...asked, contact: withKeptEmail(contact), startsAt }, doctor),
      aggregateVersionOf,
    });
    keep(clinic.visits, visit);
    clinic.covered.add(what);
  }, ({ doctors }) => doctors.length > 0);
}

export const bookingKinds: Kind[] = Object.entries(bookings).map(([name, drawn]) => booking(name, drawn));
