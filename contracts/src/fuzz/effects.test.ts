import { expect, test } from "vitest";
import { loadContract, sentEvents } from "../contract.ts";
import type { JsonObject } from "../json.ts";
import { type Effects, type Handled, placeKey, placeText } from "../services.ts";
import { workingTree } from "../working-tree.ts";
import { effectProblems } from "./effect-problems.ts";
import { type Expectation, expectationsOf, outcomeProblems } from "./expectation.ts";
import type { Message } from "./histories.ts";

const contract = loadContract(workingTree(new URL("../../..", import.meta.url).pathname));
const startsAt = "2026-12-01T10:00:00+01:00";
const place = placeText("dr-1", new Date(startsAt));

function message(eventName: string, messageId: string, payload: JsonObject): Message {
  const event = sentEvents(contract).find((sent) => sent.eventName === eventName);
  if (!event) throw new Error(`no ${eventName}`);
  return { event, messageId, body: { eventName, aggregateId: "visit", payload } };
}

const created = message("appointment.created", "first", { doctorId: "dr-1", appointmentDate: startsAt });
const arrived = message("appointment.arrived", "second", { doctorId: "dr-1", appointmentDate: startsAt });
const expectations = [
  ...expectationsOf(contract, created, "valid"),
  ...expectationsOf(contract, arrived, "no actor", "actor"),
];
const JOBS = ["notifications", "availability", "audit", "calendar", "analytics"];

/** The consumer as it should be: audit reads the actor, so it refuses the second message. */
function handled(): Handled[] {
  return [
    ...JOBS.map((job): Handled => ({ job, eventKey: "first", outcome: "applied" })),
    { job: "notifications", eventKey: "second", outcome: "applied" },
    { job: "availability", eventKey: "second", outcome: "applied" },
    { job: "calendar", eventKey: "second", outcome: "ignored" },
    { job: "audit", eventKey: "second", deadBecause: "invalid" },
  ];
}

function effects(): Effects {
  return {
    recorded: new Map([["first", 1]]),
    sends: new Map([["first", 2]]),
    places: new Map(JOBS.filter((job) => job !== "audit").map((job) => [placeKey(job, "visit"), place])),
  };
}

test("what should be there is no problem", () => {
  expect(outcomeProblems(expectations, handled())).toEqual([]);
  expect(effectProblems(expectations, effects())).toEqual([]);
});

test.each<[string, (rows: Handled[]) => Handled[], string]>([
  [
    "an event that a job ignored",
    (rows) => rows.map((one) => one.job === "analytics" ? { ...one, outcome: "ignored" } as Handled : one),
    "analytics first (valid): ignored",
  ],
  ["an event without a trace", (rows) => rows.slice(1), "notifications first (valid): neither effect nor dead letter"],
  [
    "a refusal that was not called for",
    (rows) =>
      rows.map((one) => one.job === "calendar" ? { job: one.job, eventKey: one.eventKey, deadBecause: "x" } : one),
    "calendar first (valid): dead letter, x",
  ],
  [
    "a refusal that did not come",
    (rows) => [...rows.slice(0, -1), { job: "audit", eventKey: "second", outcome: "applied" }],
    "audit second (no actor): applied",
  ],
  [
    "a dead letter of what was handled as well",
    (rows) => [...rows, { job: "audit", eventKey: "first", deadBecause: "x" }],
    "audit first (valid): handled, and in the dead letters as well",
  ],
])("%s is found", (_, change, problem) => {
  expect(outcomeProblems(expectations, change(handled()))).toContain(problem);
});

test.each<[string, (effects: Effects) => void, string]>([
  [
    "a record twice",
    ({ recorded }) => recorded.set("first", 2),
    "audit first: recorded 2 times instead of recorded 1 times",
  ],
  ["no record", ({ recorded }) => recorded.clear(), "audit first: no effect instead of recorded 1 times"],
  [
    "a record of what is a dead letter",
    ({ recorded }) => recorded.set("second", 1),
    "audit second: recorded 1 times instead of no effect",
  ],
  ["no booking", ({ places }) => places.delete("analytics visit"), `analytics visit: no effect instead of ${place}`],
  [
    "a visit at another time",
    ({ places }) => places.set("calendar visit", placeText("dr-1", new Date(0))),
    `calendar visit: dr-1 at 1970-01-01T00:00:00.000Z instead of ${place}`,
  ],
  [
    "a visit that nobody booked",
    ({ places }) => places.set("availability other", place),
    `availability other: ${place} instead of no effect`,
  ],
  [
    "a mail twice",
    ({ sends }) => sends.set("first", 3),
    "notifications first (appointment.created): 3 mails instead of 2",
  ],
  ["no mail", ({ sends }) => sends.clear(), "notifications first (appointment.created): 0 mails instead of 2"],
  [
    "a mail that nothing called for",
    ({ sends }) => sends.set("second", 1),
    "notifications second (appointment.arrived): 1 mails instead of 0",
  ],
])("%s is found", (_, change, problem) => {
  const changed = effects();
  change(changed);
  expect(effectProblems(expectations, changed)).toEqual([problem]);
});

test("the last event that places a visit counts", () => {
  const moved = message("appointment.rescheduled", "second", { doctorId: "dr-2", appointmentDate: startsAt });
  const both: Expectation[] = [created, moved].flatMap((one) => expectationsOf(contract, one, "valid"));
  const problems = effectProblems(both.filter(({ job }) => job === "calendar"), { ...effects(), recorded: new Map() });
  expect(problems).toContain(`calendar visit: ${place} instead of ${placeText("dr-2", new Date(startsAt))}`);
});
