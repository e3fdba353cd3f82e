import { expect, test } from "vitest";
import { createRateLimit, type RateLimit } from "./rate-limit.ts";
import { RequestError } from "./request-error.ts";

let nowMs = 1_000_000;

function isAdmitted(limit: RateLimit, caller: string): boolean {
  try {
    limit(caller);
    return true;
  } catch (error) {
    if (error instanceof RequestError && error.code === "rate-limited") return false;
    throw error;
  }
}

test("a caller who keeps asking too often is still served at the rate that is allowed", () => {
  const limit = createRateLimit({ perSecond: 10, nowMs: () => nowMs });
  let admitted = 0;
  for (let n = 0; n < 1_000; n++) {
    if (isAdmitted(limit, "hasty")) admitted++;
    nowMs += 10;
  }
  // Twenty at once, then ten a second for ten seconds.
  expect(admitted).toBeGreaterThanOrEqual(118);
  expect(admitted).toBeLessThanOrEqual(120);
});

test("a clock that is set back takes nothing away", () => {
  const limit = createRateLimit({ perSecond: 1, nowMs: () => nowMs });
  expect(isAdmitted(limit, "a")).toBe(true);
  nowMs -= 60_000;
  expect(isAdmitted(limit, "a")).toBe(true);
});

test("callers who have gone quiet are forgotten, and those who have not are held to their rate", () => {
  const buckets = new Map();
  const limit = createRateLimit({ perSecond: 1, nowMs: () => nowMs }, buckets);
  for (let n = 0; n < 1_000; n++) isAdmitted(limit, `once-${n}`);
  expect(buckets.size).toBe(1_000);
  nowMs += 1_500;
  isAdmitted(limit, "once-7");
  nowMs += 500;
  isAdmitted(limit, "another");
  expect([...buckets.keys()]).toEqual(["once-7", "another"]);
});

test("what is left is said with every answer, counts down, fills up again, and never promises too much", () => {
  const limit = createRateLimit({ perSecond: 5, nowMs: () => nowMs });
  const left = () => {
    try {
      return limit("caller");
    } catch (error) {
      return (error as RequestError).headers;
    }
  };
  expect(left()).toEqual({ "RateLimit-Policy": `"caller";q=10;w=2`, "RateLimit": `"caller";r=9;t=1` });
  for (let n = 0; n < 8; n++) left();
  expect(left()["RateLimit"]).toBe(`"caller";r=0;t=2`);
  expect(left()).toMatchObject({ "RateLimit": `"caller";r=0;t=2`, "Retry-After": "1" });
  nowMs += 1_000;
  expect(left()["RateLimit"]).toBe(`"caller";r=4;t=2`);
  nowMs += 10_000;
  expect(left()["RateLimit"]).toBe(`"caller";r=9;t=1`);
  for (let n = 9; n > 0; n--) expect(left()["Retry-After"]).toBeUndefined();
  expect(left()["Retry-After"]).toBe("1");
});

test("without a limit nothing is said", () => {
  expect(createRateLimit({ perSecond: 0, nowMs: () => nowMs })("caller")).toEqual({});
});
