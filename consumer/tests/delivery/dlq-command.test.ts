import { Buffer } from "node:buffer";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDeadLetterDesk, type DeadLetterDesk } from "../support/dead-letter-desk.ts";
import { eventually } from "../support/eventually.ts";
import { createdEvent } from "../support/delivery-harness.ts";

let desk: DeadLetterDesk;
let harness: DeadLetterDesk["harness"];

beforeAll(async () => {
  desk = await createDeadLetterDesk();
  harness = desk.harness;
});
beforeEach(() => desk.clear());
afterAll(() => desk.close());

test.each([
  ["bytes that are no text", Buffer.from([0, 255, 1])],
  ["nothing", Buffer.alloc(0)],
  ["NUL characters", Buffer.from(JSON.stringify({ eventId: "a\0b", eventName: "\0" }))],
])("%s can be stored", async (_, body) => {
  const letter = await desk.storedOnce(body, { correlationId: "c\0d", headers: { note: "e\0f" } });
  expect(body.equals(letter.body)).toBe(true);
});

test("a discarded dead letter says why, and is not replayed with the others", async () => {
  const { id } = await desk.storedOnce(createdEvent());
  expect(await desk.run("discard", id, "--why", "a test booking")).toMatchObject({ code: 0 });
  expect(await desk.stored(true)).toMatchObject([{ id, state: "discarded", settledWhy: "a test booking" }]);
  expect(await desk.run("replay", "--all")).toMatchObject({ code: 0, printed: [] });
});

test("list and show tell what is there, as JSON too", async () => {
  const event = createdEvent();
  const { id } = await desk.storedOnce(event);
  const list = await desk.run("list", "--job", "analytics");
  expect(list.printed.map((line) => line.split(/ {2,}/))).toEqual([
    ["ID", "STORED", "JOB", "REASON", "EVENT", "APPOINTMENT OR DOCTOR", "EVENT ID"],
    [
      id,
      expect.stringMatching(/Z$/),
      "analytics",
      "not-today",
      "appointment.created",
      event.aggregateId,
      event.eventId,
    ],
  ]);
  expect((await desk.run("list", "--settled")).printed[0]).toMatch(/STATE$/);
  const [asJson] = (await desk.run("list", "--json")).printed;
  expect(JSON.parse(asJson!)).toMatchObject({ id, aggregateId: event.aggregateId, body: JSON.stringify(event) });
  const { printed: [json] } = await desk.run("show", id, "--json");
  expect(JSON.parse(json!)).toMatchObject({ id, body: JSON.stringify(event) });
  expect((await desk.run("show", "999999999")).code).toBe(1);
});

test("a group that is empty says so, and what there is instead", async () => {
  await desk.storedOnce(createdEvent());
  for (const group of [["--job", "audit"], ["--reason", "nottoday"], ["--event", "appointment.craeted"]]) {
    for (const command of [["list"], ["replay"], ["discard", "--why", "none of ours"]]) {
      expect(await desk.run(...command, ...group)).toEqual({
        code: 0,
        printed: [],
        noted: [
          `There are no dead letters with ${group.join(" ").slice(2)}; ` +
          "unsettled are: 1 of analytics with not-today.",
        ],
      });
    }
  }
  expect(await desk.stored()).toHaveLength(1);
  await harness.database.sql`delete from dead_letters`;
  expect(await desk.run("list")).toEqual({ code: 0, printed: [], noted: ["There are no dead letters."] });
});

test("a group is discarded, by event, by reason, by job, and nothing else", async () => {
  const event = createdEvent();
  await harness.publish(event);
  await harness.publish(Buffer.from("{"));
  await eventually(async () => expect(await desk.stored()).toHaveLength(2));
  expect((await desk.run("discard", "--event", "appointment.created", "--why", "a test booking")).printed).toHaveLength(
    1,
  );
  expect(await desk.stored()).toMatchObject([{ reason: "not-json" }]);
  const group = ["--reason", "not-json", "--job", "analytics"];
  expect((await desk.run("discard", ...group, "--why", "half a message")).printed).toHaveLength(1);
  expect(await desk.stored()).toEqual([]);
});

test("bytes that are no text are shown as base64, however many", async () => {
  const body = Buffer.alloc(300_000, 0xff);
  const { id } = await desk.storedOnce(body);
  const { printed: [json] } = await desk.run("show", id, "--json");
  expect(body.equals(Buffer.from(JSON.parse(json!).bodyBase64, "base64"))).toBe(true);
});

test.each([
  [[]],
  [["eat"]],
  [["list", "5"]],
  [["list", "--job", "analytic"]],
  [["list", "--limit", "0"]],
  [["list", "--limit", "99999999999999999999"]],
  [["replay"]],
  [["replay", "1", "--all"]],
  [["replay", "1", "--reason", "gap"]],
  [["replay", "--all", "--job", "analytic"]],
  [["replay", "--all", "--rate", "fast"]],
  [["discard", "1"]],
  [["discard", "--why", "no longer wanted"]],
  [["discard", "--job", "analytic", "--why", "no longer wanted"]],
  [["show", "x"]],
  [["show", "1", "2"]],
])("%j is a usage error", async (args) => {
  await expect(desk.run(...args)).rejects.toMatchObject({ name: "UsageError" });
});

test("the usage error of a job that isn't there names those that are", async () => {
  await expect(desk.run("list", "--job", "analytic")).rejects.toThrow(/analytic: .*notifications.*analytics/);
});
