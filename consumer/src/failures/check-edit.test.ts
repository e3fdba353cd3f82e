import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import type { DeadLetter } from "../delivery/dead-letters/dead-letter-store.ts";
import { checkEdit } from "./check-edit.ts";
import { isPersonal } from "./contract-schema.ts";
import { diffLines } from "./line-diff.ts";

const event = {
  eventName: "appointment.cancelled",
  aggregateId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  eventId: "0197f3a2-7000-7000-8000-000000000002",
  timestamp: "2026-11-23T08:00:00Z",
  version: 1,
  aggregateVersion: 2,
  payload: { doctorId: "dr-lovelace", appointmentDate: "2026-12-01T10:00:00+01:00", durationMinutes: 30 },
};
const letterOf = (body: unknown, job = "availability") =>
  ({ job, body: Buffer.from(JSON.stringify(body)), properties: {} }) as unknown as DeadLetter;
const broken = { ...event, payload: { ...event.payload, durationMinutes: "half an hour" } };
const edit = (text: unknown, letter = letterOf(broken)) =>
  checkEdit(letter, typeof text === "string" ? text : JSON.stringify(text));

test("an edit that the contract and the job take is told by the paths that it changes", async () => {
  expect(await edit(event)).toEqual({ body: Buffer.from(JSON.stringify(event)), paths: ["payload.durationMinutes"] });
});

test.each<[string, unknown, RegExp]>([
  ["no JSON", "{", /not a JSON object/],
  ["nothing new", broken, /Nothing is changed/],
  [
    "still not what the contract says",
    { ...event, payload: { ...event.payload, durationMinutes: 4 } },
    /^By the contract: payload.durationMinutes/,
  ],
  ["another visit", { ...event, aggregateId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b12" }, /^aggregateId must stay/],
  ["another event", { ...event, eventId: "0197f3a2-7000-7000-8000-000000000003" }, /^eventId must stay/],
  ["of another name", { ...event, eventName: "appointment.arrived" }, /^eventName must stay/],
  ["of a version that nobody knows", { ...event, version: 9 }, /^By the contract: eventName and version/],
])("an edit that is %s is refused", async (_, text, problem) => {
  const { problems } = await edit(text);
  expect(problems).toContainEqual(expect.stringMatching(problem));
  expect(problems?.join()).not.toContain("half an hour");
});

test("an edit that the contract takes and the job's reader doesn't is refused", async () => {
  const { problems } = await edit(event, letterOf(broken, "analytics"));
  expect(problems).toEqual([expect.stringMatching(/^The job analytics does not take it: /)]);
});

test("what tells of a patient, or what nobody knows, is personal", () => {
  expect(isPersonal(event)).toBe(false);
  expect(isPersonal({ ...event, payload: { ...event.payload, remark: "pat@example.org" } })).toBe(true);
  expect(isPersonal({ ...event, eventName: "appointment.created", payload: { patientEmail: "pat@example.org" } })).toBe(
    true,
  );
  expect(isPersonal(undefined)).toBe(true);
});

test("a diff shows what was removed and what was added, in place", () => {
  expect(diffLines(["a", "b", "c"], ["a", "x", "c", "d"]).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "same a",
    "removed b",
    "added x",
    "same c",
    "added d",
  ]);
});
