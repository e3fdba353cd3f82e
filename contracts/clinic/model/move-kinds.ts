import fc, { type Arbitrary } from "fast-check";
import { change, writing, written } from "./change-visit.ts";
import type { DoctorState } from "./clinic.ts";
import * as values from "./values.ts";
import { reschedule } from "./visit-commands.ts";
import { type Kind, visitKind } from "./walk-command.ts";
import { pick } from "./walked-clinic.ts";

interface Move {
  minute?: number;
  doctor?: number;
  durationMinutes?: number;
  timeZone?: string | null;
  overbook?: boolean;
  how?: string;
}

const time = { minute: values.minuteOfDay, how: writing };
const doctor = fc.nat(1_000);
const moves: Record<string, Arbitrary<Move>> = {
  "another time": fc.record(time),
  "another length": fc.record({ durationMinutes: values.durationMinutes }),
  "another doctor": fc.record({ doctor }),
  "another time zone": fc.record({ timeZone: values.timeZone }),
  "the doctor's time zone": fc.record({ timeZone: fc.constant(null) }),
  "overbook": fc.record({ overbook: fc.constant(true) }),
  "overbook no more": fc.record({ overbook: fc.constant(false), durationMinutes: values.durationMinutes }),
  "everything": fc.record({
    ...time,
    doctor,
    durationMinutes: values.durationMinutes,
    timeZone: values.timeZone,
    overbook: fc.boolean(),
  }),
};

function move(name: string, drawn: Arbitrary<Move>): Kind {
  return visitKind(`move: ${name}`, drawn, async (context) => {
    const { clinic, producer, values: given, visit } = context;
    const { minute, doctor, how = "UTC", ...rest } = given as Move;
    const known = clinic.doctors.find(({ id }) => id === visit.doctorId);
    const others = clinic.doctors.filter((one) => one !== known);
    const other = (doctor === undefined ? known : pick(others, doctor) ?? known) as DoctorState;
    const startsAt = minute === undefined ? undefined : clinic.nextStart(minute);
    // With the hours of the week only what is overbooked is sure to be taken.
    const overbook = other.workingHours.length > 0 ? true : rest.overbook;
    const timeZone = values.otherZone(rest.timeZone, visit.timeZone);
    const asked = {
      ...rest,
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(overbook === undefined ? {} : { overbook }),
    };
    const body = {
      ...asked,
      ...(doctor === undefined ? {} : { doctorId: other.id }),
      ...(startsAt === undefined ? {} : { appointmentDate: written(startsAt, how, visit.timeZone) }),
    };
    const meaning = reschedule({ ...asked, doctor: other, startsAt }, visit, producer.api.now());
    await change(context, { method: "PATCH", path: "", body }, meaning);
  });
}

export const moveKinds: Kind[] = [
  ...Object.entries(moves).map(([name, drawn]) => move(name, drawn)),
  visitKind("move: to where it is", fc.constant({}), async (context) => {
    const { startsAt, durationMinutes, timeZone, doctorId } = context.visit;
    const known = context.clinic.doctors.find(({ id }) => id === doctorId) as DoctorState;
    const same = { durationMinutes, timeZone };
    const meaning = reschedule(
      { ...same, doctor: known, startsAt },
      context.visit,
      context.producer.api.now(),
    );
    const body = { ...same, doctorId, appointmentDate: new Date(startsAt).toISOString() };
    await change(context, { method: "PATCH", path: "", body }, meaning);
  }),
];
