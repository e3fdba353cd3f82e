import { expect, it } from "vitest";
import { createCircuitBreaker } from "./circuit-breaker.ts";

function breakerAt(clock: { ms: number }) {
  return createCircuitBreaker({
    threshold: 3,
    cooldown: { baseMs: 1000, capMs: 60_000 },
    now: () => new Date(clock.ms),
  });
}

it("stops calling a dependency that is down and probes it with one intent at a time, ever more rarely", () => {
  const clock = { ms: 0 };
  const breaker = breakerAt(clock);

  breaker.failed();
  breaker.failed();
  expect(breaker.permits(2)).toBe(Infinity);
  breaker.failed();
  expect(breaker.permits(0)).toBe(0);

  clock.ms = 1000;
  expect(breaker.permits(1)).toBe(0);
  expect(breaker.permits(0)).toBe(1);
  breaker.failed();
  clock.ms = 1999;
  expect(breaker.permits(0)).toBe(0);
  clock.ms = 3000;
  expect(breaker.permits(0)).toBe(1);

  breaker.succeeded();
  expect(breaker.permits(3)).toBe(Infinity);
});

it("does not keep a breaker open for as long as a clock was ahead that has been set back", () => {
  const clock = { ms: 3_600_000 };
  const breaker = breakerAt(clock);
  for (let n = 0; n < 3; n++) breaker.failed();
  expect(breaker.permits(0)).toBe(0);

  clock.ms = 0;
  expect(breaker.permits(0)).toBe(1);
  breaker.failed();
  expect(breaker.permits(0)).toBe(0);
  clock.ms = 4_000;
  expect(breaker.permits(0)).toBe(1);
});
