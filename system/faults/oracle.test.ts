import { expect, test } from "vitest";
import { doctor } from "../doctor.ts";
import type { Asked, Step, Visit } from "./load.ts";
import { judge } from "./oracle.ts";
import type { Seen } from "./seen.ts";

const visit = (...steps: Step[]): Visit => ({
  id: "one",
  patientEmail: "ada@example.org",
  patientPhone: "+491700000001",
  startsAt: "2030-07-01T10:00:00Z",
  version: steps.length,
  steps,
});
const at = Date.parse("2030-07-01T10:00:00Z");
const eventNames = {
  booked: "appointment.created",
  moved: "appointment.rescheduled",
  cancelled: "appointment.cancelled",
};

const asking = (visits: Visit[], wrong: string[] = []): Asked => ({ visits, acknowledged: 0, repeated: 0, wrong });

const erasure = { job: "audit", action: "recorded", eventName: "patient.erased", aggregateId: "an erasure" };

/** Everything that follows from a visit, once. */
function effectsOf({ id, patientEmail, patientPhone, steps, erased }: Visit): Seen {
  const isOver = steps.at(-1) === "cancelled";
  return {
    mails: steps.flatMap((step) => [
      { step, reader: "patient" as const, patientEmail },
      { step, reader: "doctor" as const, patientEmail },
    ]),
    texts: steps.flatMap((step, n) => [
      { step, to: patientPhone, body: `${step} ${n}` },
      { step, to: doctor.phone, body: `${step} ${n}` },
    ]),
    entries: isOver ? [] : [{ appointmentId: erased ? undefined : id, startsAt: at }],
    appointments: new Map([[id, { status: isOver ? "cancelled" : "booked", startsAt: at }]]),
    freeSlots: new Set(isOver ? [at] : []),
    audit: [
      ...erased ? [erasure] : [],
      ...steps.flatMap((step) => {
        const jobs = [
          "notifications",
          "availability",
          "audit",
          "calendar",
          ...(step === "booked" ? ["analytics"] : []),
        ];
        const row = { eventName: eventNames[step], aggregateId: id };
        return [...jobs.map((job) => ({ ...row, job, action: "applied" })), {
          ...row,
          job: "audit",
          action: "recorded",
        }];
      }),
    ],
    auditProblems: [],
    unknown: [],
    kept: new Map(erased ? [[id, []]] : []),
  };
}

const everyStep = visit("booked", "moved", "moved", "cancelled");
const nothing = { lost: [], doubled: [], wrong: [], unknown: 0 };

test("a visit with each of its effects once is all right, whatever was done with it", () => {
  for (const one of [visit("booked"), visit("booked", "moved"), everyStep]) {
    expect(judge(asking([one]), effectsOf(one))).toEqual(nothing);
  }
});

const lists = ["mails", "texts", "audit"] as const;
const effects = lists.flatMap((list) => effectsOf(everyStep)[list].map((_, index) => [list, index] as const));

test.each(effects)(
  "an effect that is missing is lost, and one that is there twice is doubled: %s %i",
  (list, index) => {
    const without = effectsOf(everyStep);
    without[list].splice(index, 1);
    expect(judge(asking([everyStep]), without).lost).not.toEqual([]);

    const twice = effectsOf(everyStep);
    twice[list].push(twice[list][index] as never);
    expect(judge(asking([everyStep]), twice).doubled).not.toEqual([]);
  },
);

test("a mail that a person is told of is unknown, and not lost", () => {
  const one = visit("booked");
  const seen = effectsOf(one);
  seen.mails.splice(0, 1);
  seen.unknown.push({ appointmentId: one.id, channel: "email", template: "patient-booked" });
  expect(judge(asking([one]), seen)).toEqual({ ...nothing, unknown: 1 });

  seen.unknown = [{ appointmentId: one.id, channel: "email", template: "doctor-booked" }];
  expect(judge(asking([one]), seen).lost).toHaveLength(1);
});

test.each<[string, (seen: Seen) => void]>([
  ["a calendar entry at another time", (seen) => seen.entries[0]!.startsAt += 1],
  ["a time that is given away and still free", (seen) => seen.freeSlots.add(at)],
  ["another state at the API", (seen) => seen.appointments.set("one", { status: "cancelled", startsAt: at })],
  ["a broken audit trail", (seen) => seen.auditProblems.push("row 1")],
  ["mail to somebody who was refused", (seen) => (
    seen.mails.push({ step: "booked", reader: "patient", patientEmail: "refused@example.org" })
  )],
  ["an event that nobody was promised", (seen) => (
    seen.audit.push({ job: "audit", action: "recorded", eventName: "appointment.created", aggregateId: "two" })
  )],
])("%s is wrong", (_, spoil) => {
  const seen = effectsOf(visit("booked"));
  spoil(seen);
  expect(judge(asking([visit("booked")]), seen).wrong).toHaveLength(1);
});

test("a calendar entry that is missing is lost, that is there twice is doubled, and that outlives its visit is wrong", () => {
  const one = visit("booked");
  const [entry] = effectsOf(one).entries;
  expect(judge(asking([one]), { ...effectsOf(one), entries: [] }).lost).toHaveLength(1);
  expect(judge(asking([one]), { ...effectsOf(one), entries: [entry!, entry!] }).doubled).toHaveLength(1);
  expect(judge(asking([everyStep]), { ...effectsOf(everyStep), entries: [entry!] }).wrong).toHaveLength(1);
});

const erased = { ...visit("booked", "moved"), erased: true };

test("of a patient who was erased, nobody needs to be told, the doctor's time is taken, and nothing is kept", () => {
  expect(judge(asking([erased]), effectsOf(erased))).toEqual(nothing);
  expect(judge(asking([erased]), { ...effectsOf(erased), mails: [], texts: [] })).toEqual(nothing);
  const { mails } = effectsOf(erased);
  expect(judge(asking([erased]), { ...effectsOf(erased), mails: [...mails, ...mails] }).doubled).not.toEqual([]);
});

test.each<[string, keyof Omit<ReturnType<typeof judge>, "unknown">, (seen: Seen) => void]>([
  ["the announcement that is missing", "lost", (seen) => seen.audit.splice(0, 1)],
  ["the announcement that is there twice", "doubled", (seen) => seen.audit.push(erasure)],
  ["an event that a job never had", "lost", (seen) => seen.audit.splice(1, 1)],
  ["the time that is not in the calendar", "lost", (seen) => seen.entries.pop()],
  [
    "the entry that still says whose it is",
    "wrong",
    (seen) => seen.entries.push({ appointmentId: "one", startsAt: at }),
  ],
  ["an address that is given out", "wrong", (seen) => seen.kept.set("one", ["sends"])],
  ["an export that nobody saw", "wrong", (seen) => seen.kept.clear()],
])("of a patient who was erased, %s is %s", (_, kind, spoil) => {
  const seen = effectsOf(erased);
  spoil(seen);
  expect(judge(asking([erased]), seen)).toEqual({ ...nothing, [kind]: [expect.any(String)] });
});
