import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createLocalTimes } from "./local-times.ts";

const hour = 3_600_000;

test.each(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Monrovia"])(
  "in %s any hour of a year, in any order, is what Temporal writes",
  (timeZone) => {
    const local = createLocalTimes(timeZone);
    for (const year of [1960, 2026]) {
      for (let step = 0; step < 8_784; step += 13) {
        // Forwards and backwards in turn.
        const at = Date.UTC(year, 0, 1) + (step % 2 === 0 ? step : 8_784 - step) * hour;
        const expected = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
          .toString({ timeZoneName: "never", smallestUnit: "second" });
        expect(local(at)).toBe(expected);
      }
    }
  },
);
