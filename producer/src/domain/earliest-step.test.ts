import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { earliestStep } from "./earliest-step.ts";

const zones = Intl.supportedValuesOf("timeZone");
const visit = (start: string, timeZone: string) => ({ startsAt: new Date(start), timeZone });
const arrive = (start: string, timeZone: string) => earliestStep("arrive", visit(start, timeZone), "local-day");

/** Instants around each change of the zone's clocks in the next ten years, and an ordinary day for zones without any. */
function instantsOf(timeZone: string): number[] {
  const instants = [Date.parse("2026-11-27T12:00Z")];
  let at = Temporal.Instant.from("2026-11-27T00:00Z").toZonedDateTimeISO(timeZone).getTimeZoneTransition("next");
  for (; at && at.year < 2037; at = at.getTimeZoneTransition("next")) {
    for (const hours of [-25, -1.5, 0, 0.5, 1.5, 25]) {
      instants.push(at.epochMilliseconds + hours * 3_600_000);
    }
  }
  return instants;
}

test(
  "in every zone and around every change of its clocks a patient arrives from the first instant of the local day",
  () => {
    expect(zones.length).toBeGreaterThan(400);
    for (const timeZone of zones) {
      const { format } = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
      for (const at of instantsOf(timeZone)) {
        const earliest = earliestStep("arrive", { startsAt: new Date(at), timeZone }, "local-day").getTime();
        const told = `${timeZone} ${new Date(at).toISOString()} from ${new Date(earliest).toISOString()}`;
        expect(earliest, told).toBeLessThanOrEqual(at);
        expect(format(earliest), told).toBe(format(at));
        expect(format(earliest - 1), told).not.toBe(format(at));
      }
    }
  },
  120_000,
);

test.each([
  ["another day than UTC's, east", "2030-07-01T20:00:00Z", "Pacific/Kiritimati", "2030-07-01T10:00:00Z"],
  ["another day than UTC's, west", "2030-07-02T02:00:00Z", "Pacific/Pago_Pago", "2030-07-01T11:00:00Z"],
  ["a day of 23 hours", "2030-03-31T10:00:00Z", "Europe/Berlin", "2030-03-30T23:00:00Z"],
  ["a day of 25 hours", "2030-10-27T10:00:00Z", "Europe/Berlin", "2030-10-26T22:00:00Z"],
  ["a day whose midnight is skipped", "2027-03-28T10:00:00Z", "Asia/Beirut", "2027-03-27T22:00:00Z"],
  ["a day whose midnight comes twice", "2026-11-01T15:00:00Z", "America/Havana", "2026-11-01T04:00:00Z"],
  ["a zone of quarters", "2030-07-01T00:00:00Z", "Asia/Kathmandu", "2030-06-30T18:15:00Z"],
])("the local day begins where it does: %s", (_, start, timeZone, earliest) => {
  expect(arrive(start, timeZone)).toEqual(new Date(earliest));
});

test("a lead in minutes counts from the start, whatever the day and its clocks", () => {
  const night = visit("2030-03-31T02:00:00Z", "Europe/Berlin");
  expect(earliestStep("arrive", night, { minutes: 180 })).toEqual(new Date("2030-03-30T23:00:00Z"));
  expect(earliestStep("arrive", night, { minutes: 0 })).toEqual(night.startsAt);
});

test("a visit is completed, or missed, from its start on, however early its patient may arrive", () => {
  const { startsAt } = visit("2030-07-01T08:00:00Z", "Europe/Berlin");
  for (const step of ["complete", "no-show"] as const) {
    for (const lead of ["local-day", { minutes: 10_080 }] as const) {
      expect(earliestStep(step, { startsAt, timeZone: "Europe/Berlin" }, lead)).toEqual(startsAt);
    }
  }
});
