import fc, { type Arbitrary } from "fast-check";
import type { DoctorState, Meaning } from "./clinic.ts";
import { addAbsence, type DoctorFields, put, setRetired } from "./doctor-commands.ts";
import { keptEmail } from "./kept-email.ts";
import * as values from "./values.ts";
import { type Kind, kind } from "./walk-command.ts";
import { act, keep, pick } from "./walked-clinic.ts";

type Change = (doctor: DoctorState) => { method?: string; path: string; body: object; meaning: Meaning<DoctorState> };

const bare = fc.record({ name: values.personName, email: values.email, timeZone: values.timeZone });
const complete: Arbitrary<Partial<DoctorFields>> = fc.record({
  phone: values.phone,
  workingHours: values.workingHours,
  exceptions: values.exceptions,
});

const withDefaults = (fields: Partial<DoctorFields>) =>
  ({ workingHours: [], exceptions: [], ...fields, email: keptEmail(fields.email ?? "") }) as DoctorFields;

/** A doctor without hours of the week, with whom anything can be booked, or with all that there is. */
function added(name: string, fields: Arbitrary<Partial<DoctorFields>>): Kind {
  return kind(`doctor: ${name}`, fields, async ({ clinic, producer, values: body, manner }) => {
    const id = `dr-${producer.newName()}`;
    const what = `doctor: ${name}`;
    const meaning = put(id, withDefaults(body), undefined);
    const call = { method: "PUT", path: `/v1/doctors/${id}`, body };
    keep(clinic.doctors, await act(clinic, producer, { what, call, manner, id, meaning, aggregateVersionOf }));
    clinic.covered.add(what);
  });
}

const aggregateVersionOf = ({ version }: { version: number }) => version;

/** What acts on a doctor that is there, active or retired. */
function change<Values>(name: string, drawn: Arbitrary<Values>, ask: (values: Values) => Change): Kind {
  return kind(`doctor: ${name}`, drawn, async ({ clinic, producer, values: given, manner, which }) => {
    const doctor = pick(clinic.doctors, which) as DoctorState;
    const what = `doctor: ${name} from ${doctor.retired ? "retired" : "active"}`;
    const { method = "POST", path, body, meaning } = ask(given)(doctor);
    const call = { method, path: `/v1/doctors/${doctor.id}${path}`, body, version: doctor.version };
    const { id } = doctor;
    keep(clinic.doctors, await act(clinic, producer, { what, call, manner, id, meaning, aggregateVersionOf }));
    if (!manner.stale) clinic.covered.add(what);
  }, ({ doctors }) => doctors.length > 0);
}

const replace = (fields: Partial<DoctorFields>): Change => (doctor) => {
  const { name, email, phone, timeZone, workingHours, exceptions } = doctor;
  const body = {
    name,
    email,
    ...(phone === undefined ? {} : { phone }),
    timeZone,
    workingHours,
    exceptions,
    ...fields,
  };
  return { method: "PUT", path: "", body, meaning: put(doctor.id, withDefaults(body), doctor) };
};

/** Without the hours of the week: those with them take only what is overbooked, which the visits' commands see to. */
export const addPlainDoctor = added("add", bare);

export const doctorKinds: Kind[] = [
  addPlainDoctor,
  added("add with everything", fc.tuple(bare, complete).map(([one, other]) => ({ ...one, ...other }))),
  change("replace with everything", fc.tuple(bare, complete), ([one, other]) => replace({ ...one, ...other })),
  change("replace by the same", fc.constant({}), () => replace({})),
  ...Object.entries({ name: values.personName, email: values.email, phone: values.phone, timeZone: values.timeZone })
    .map(([field, value]) =>
      change(`another ${field}`, value as Arbitrary<string>, (text) => replace({ [field]: text }))
    ),
  change("other hours", values.workingHours, (workingHours) => replace({ workingHours })),
  change("other exceptions", values.exceptions, (exceptions) => replace({ exceptions })),
  change("no phone, no hours", fc.constant({}), () => (doctor) => {
    const { name, email, timeZone } = doctor;
    const body = { name, email, timeZone };
    return { method: "PUT", path: "", body, meaning: put(doctor.id, withDefaults(body), doctor) };
  }),
  change("an absence", values.absence, (days) => (doctor) => ({
    path: "/absences",
    body: { from: days[0], to: days.at(-1) },
    meaning: addAbsence(days, doctor),
  })),
  change("retire", fc.constant({}), () => (doctor) => (
    { path: "/retire", body: {}, meaning: setRetired(true, doctor) }
  )),
  change("return", fc.constant({}), () => (doctor) => (
    { path: "/return", body: {}, meaning: setRetired(false, doctor) }
  )),
];
