import { expect, test } from "vitest";
import { bookingExample } from "./booking-example.ts";

test("the visit is on a weekday, within working hours, in winter and in summer time", () => {
  for (const [now, offset] of [["2026-01-05", "+01:00"], ["2026-06-01", "+02:00"]] as const) {
    for (let i = 0; i < 200; i++) {
      const example = bookingExample({ api: "http://127.0.0.1:3000", apiKey: "key" }, new Date(now));
      const [, day, hour, zone] = /"appointmentDate":"([\d-]+)T(\d\d):\d\d:00([+-]\d\d:\d\d)"/.exec(example)!;
      expect([0, 6]).not.toContain(new Date(day!).getUTCDay());
      expect(Number(hour)).toBeGreaterThanOrEqual(9);
      expect(Number(hour)).toBeLessThan(17);
      expect(zone).toBe(offset);
    }
  }
});
