import fc, { type Arbitrary } from "fast-check";
import type { DoctorState } from "./clinic.ts";
import { changeContact, type ContactPatch } from "./contact-commands.ts";
import { withKeptEmail } from "./kept-email.ts";
import { localTime } from "./local-time.ts";
import * as values from "./values.ts";
import * as commands from "./visit-commands.ts";
import { type Kind, visitKind } from "./walk-command.ts";
import { act, keep, pick } from "./walked-clinic.ts";

type Context = Parameters<Parameters<typeof visitKind>[2]>[0];

const aggregateVersionOf = ({ aggregateVersion }: { aggregateVersion: number }) => aggregateVersion;

async function change(
  { clinic, producer, manner, visit, what }: Context,
  call: { method: string; path: string; body: object },
  meaning: ReturnType<typeof commands.reopen>,
): Promise<void> {
  const { id, version } = visit;
  const sent = { ...call, path: `/v1/appointments/${id}${call.path}`, version };
  keep(clinic.visits, await act(clinic, producer, { what, call: sent, manner, id, meaning, aggregateVersionOf }));
}

/** How a time is written must not matter for what is told of it. */
const writing = fc.constantFrom("UTC", "Asia/Kathmandu", "the visit's own");
export function written(instant: number, how: string, timeZone: string): string {
  return how === "UTC"
    ? new Date(instant).toISOString()
    : localTime(instant, how === "the visit's own" ? timeZone : how);
}

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
    const other = (doctor === undefined ? known : pick(clinic.doctors, doctor)) as DoctorState;
    const startsAt = minute === undefined ? undefined : clinic.nextStart(minute);
    // With the hours of the week only what is overbooked is sure to be taken.
    const overbook = other.workingHours.length > 0 ? true : rest.overbook;
    const asked = { ...rest, ...(overbook === undefined ? {} : { overbook }) };
    const body = {
      ...asked,
      ...(doctor === undefined ? {} : { doctorId: other.id }),
      ...(startsAt === undefined ? {} : { appointmentDate: written(startsAt, how, visit.timeZone) }),
    };
    const meaning = commands.reschedule({ ...asked, doctor: other, startsAt }, visit, producer.api.now());
    await change(context, { method: "PATCH", path: "", body }, meaning);
  });
}

const contacts: Record<string, Arbitrary<ContactPatch["contact"]>> = {
  "another address": fc.record({ patientEmail: values.email }),
  "another number": fc.record({ patientPhone: values.phone }),
  "another name": fc.record({ patientName: values.personName }),
  "another language": fc.record({ locale: values.locale }),
  "all of the contact": fc.record({
    patientEmail: values.email,
    patientPhone: values.phone,
    patientName: values.personName,
    locale: values.locale,
  }),
  "no address": fc.constant({ patientEmail: null }),
  "no number": fc.constant({ patientPhone: null }),
  "no name and language": fc.constant({ patientName: null, locale: null }),
};
const notes = fc.record({ reference: values.reference, metadata: values.metadata });

function contact(name: string, drawn: Arbitrary<ContactPatch>): Kind {
  return visitKind(`contact: ${name}`, drawn, async (context) => {
    const patch = context.values as ContactPatch;
    const { contact, ...rest } = patch;
    const meaning = changeContact({ ...patch, contact: withKeptEmail(contact) }, context.visit);
    await change(context, { method: "PATCH", path: "", body: { ...contact, ...rest } }, meaning);
  });
}

function cancel(cancelledBy: string | undefined): Kind {
  const reason = fc.option(values.reasonCode, { nil: undefined });
  return visitKind(`cancel: ${cancelledBy ?? "nobody says who"}`, reason, async (context) => {
    const reasonCode = context.values as string | undefined;
    const why = { ...(cancelledBy && { cancelledBy }), ...(reasonCode && { reasonCode }) };
    await change(context, { method: "POST", path: "/cancel", body: why }, commands.cancel(why, context.visit));
  });
}

const EARLY_MS = 48 * 3_600_000;

/** In its time, to which the producer's clock is set on, or more than two days before. */
function step(name: commands.StepName, early: boolean): Kind {
  return visitKind(`${name}${early ? " too early" : ""}`, fc.constant({}), async (context) => {
    const { producer, visit, manner } = context;
    const far = visit.startsAt - producer.api.now() > EARLY_MS;
    // Before its time only where that is sure, whatever the zone's day.
    const isItsTime = !(early && far);
    if (isItsTime && !manner.stale) producer.reach(visit.startsAt);
    const meaning = commands.takeStep(name, visit, isItsTime);
    await change(context, { method: "POST", path: `/${name}`, body: {} }, meaning);
  });
}

export const takesStep = {
  "arrive": step("arrive", false),
  "complete": step("complete", false),
  "no-show": step("no-show", false),
};
export const cancels = cancel("patient");

export const visitKinds: Kind[] = [
  ...Object.entries(moves).map(([name, drawn]) => move(name, drawn)),
  visitKind("move: to where it is", fc.constant({}), async (context) => {
    const { startsAt, durationMinutes, timeZone, doctorId } = context.visit;
    const known = context.clinic.doctors.find(({ id }) => id === doctorId) as DoctorState;
    const same = { durationMinutes, timeZone };
    const meaning = commands.reschedule(
      { ...same, doctor: known, startsAt },
      context.visit,
      context.producer.api.now(),
    );
    const body = { ...same, doctorId, appointmentDate: new Date(startsAt).toISOString() };
    await change(context, { method: "PATCH", path: "", body }, meaning);
  }),
  ...Object.entries(contacts).map(([name, drawn]) => contact(name, drawn.map((fields) => ({ contact: fields })))),
  contact(
    "a language and notes",
    fc.tuple(values.locale, notes).map(([locale, rest]) => ({ contact: { locale }, ...rest })),
  ),
  contact("notes alone", notes.map((rest) => ({ contact: {}, ...rest }))),
  contact("no notes", fc.constant({ contact: {}, reference: null, metadata: null })),
  visitKind("contact: the same again", fc.constant({}), async (context) => {
    const { contact: before } = context.visit;
    await change(
      context,
      { method: "PATCH", path: "", body: before },
      changeContact({ contact: before }, context.visit),
    );
  }),
  ...["patient", "doctor", "clinic", undefined].map(cancel),
  ...Object.values(takesStep),
  step("arrive", true),
  step("no-show", true),
  visitKind(
    "reopen",
    fc.constant({}),
    (context) => change(context, { method: "POST", path: "/reopen", body: {} }, commands.reopen(context.visit)),
  ),
];
