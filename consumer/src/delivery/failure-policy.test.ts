import { expect, test } from "vitest";
import { queues } from "../generated/topology.ts";
import { PermanentError } from "./permanent-error.ts";
import { afterError, afterWait, failurePolicy } from "./failure-policy.ts";

const policy = failurePolicy(queues.audit, ["1s", "10s", "1m", "10m"], 3_600_000);
const start = new Date("2026-03-01T10:00:00.000Z");
const later = (ms: number) => new Date(start.getTime() + ms);

test("a failing message walks every delay in turn, then goes to the dead letters with its history", () => {
  let headers: Record<string, unknown> | undefined;
  const walked: string[] = [];
  for (let failure = 0; failure < 5; failure++) {
    const verdict = afterError(new TypeError(`no ${failure}`), headers, later(failure * 1000), policy);
    walked.push(verdict.kind === "delay" ? verdict.delay.queue : verdict.reason);
    headers = verdict.headers;
  }
  const retry = (delay: string) => `apt.audit.retry.${delay}`;
  expect(walked).toEqual([retry("1s"), retry("10s"), retry("1m"), retry("10m"), "retries-exhausted"]);
  expect(headers).toEqual({
    "x-attempts": 5,
    "x-error-class": "TypeError",
    "x-error-message": "no 4",
    "x-first-failed-at": "2026-03-01T10:00:00.000Z",
    "x-last-failed-at": "2026-03-01T10:00:04.000Z",
    "x-reason": "retries-exhausted",
  });
});

test("what no retry mends goes to the dead letters at once", () => {
  const verdict = afterError(new PermanentError("unknown-zone", "no such zone"), undefined, start, policy);
  expect(verdict).toMatchObject({ kind: "dead-letter", reason: "unknown-zone", headers: { "x-attempts": 1 } });
});

test("the configured delays are walked, not all that exist", () => {
  const short = failurePolicy(queues.audit, ["10s", "10s"], 1);
  const second = afterError(new Error("x"), { "x-attempts": 1 }, start, short);
  expect(second).toMatchObject({ kind: "delay", delay: { name: "10s" } });
  expect(afterError(new Error("x"), { "x-attempts": 2 }, start, short)).toMatchObject({ reason: "retries-exhausted" });
});

test("waiting uses up no attempt, and asks ever less often", () => {
  const waiting = { "x-waiting-since": start.toISOString(), "x-attempts": 2 };
  expect(afterWait("predecessor", undefined, start, policy)).toMatchObject({ delay: { name: "1s" } });
  const asked = [4, 60, 400, 3500].map((seconds) => afterWait("predecessor", waiting, later(seconds * 1000), policy));
  expect(asked.map((verdict) => verdict.kind === "delay" && verdict.delay.name)).toEqual(["1s", "10s", "1m", "10m"]);
  expect(asked.every((verdict) => !("x-attempts" in verdict.headers))).toBe(true);
});

test("what has waited past the limit is dead-lettered as a gap", () => {
  const verdict = afterWait("predecessor 3", { "x-waiting-since": start.toISOString() }, later(3_600_000), policy);
  expect(verdict).toMatchObject({ kind: "dead-letter", reason: "gap" });
  expect(verdict.headers).toMatchObject({
    "x-error-message": "predecessor 3",
    "x-attempts": 0,
    "x-first-failed-at": start.toISOString(),
  });
});

test.each(["yesterday", later(60_000).toISOString(), 17n])("waiting since %s, it waits since now", (since) => {
  const verdict = afterWait("predecessor", { "x-waiting-since": since }, start, policy);
  expect(verdict).toMatchObject({ kind: "delay", delay: { name: "1s" } });
  expect(verdict.headers["x-waiting-since"]).toBe(start.toISOString());
});
