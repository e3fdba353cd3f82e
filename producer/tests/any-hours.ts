import fc from "fast-check";
import { Temporal } from "temporal-polyfill";

const dayMs = 86_400_000;
const zones = Intl.supportedValuesOf("timeZone");

export type Hours = {
  timeZone: string;
  workingHours: { weekday: number; start: string; end: string }[];
  exceptions: { date: string; intervals: { start: string; end: string }[] }[];
};

const quarters = (count: number) =>
  `${String(Math.floor(count / 4)).padStart(2, "0")}:${String((count % 4) * 15).padStart(2, "0")}`;

/** The intervals of a day: none overlaps another, many touch, and many begin or end with the day. */
const intervals = fc.uniqueArray(
  fc.tuple(fc.oneof(fc.nat(96), fc.constantFrom(0, 96)), fc.boolean()),
  { maxLength: 6, selector: ([time]) => time },
).map((times) => {
  const ordered = times.toSorted(([a], [b]) => a - b);
  return ordered.slice(1).flatMap(([end], index) => {
    const [start, works] = ordered[index]!;
    return works ? [{ start: quarters(start), end: quarters(end) }] : [];
  });
});

/** Local midnight before a change of the zone's offset, where it has one in the coming years; else any day's. */
function dayOf(timeZone: string, seed: number): Temporal.ZonedDateTime {
  const from = Temporal.PlainDate.from("2027-01-01").add({ days: seed }).toZonedDateTime(timeZone);
  return (seed % 4 === 0 ? from : from.getTimeZoneTransition("next") ?? from).startOfDay();
}

/** Around the clock, seldom or never, in any zone; with two days from which slots are asked for. */
export const anyHours = fc.record({
  timeZone: fc.constantFrom(...zones),
  seed: fc.nat(3_000),
  week: fc.oneof(
    { weight: 3, arbitrary: fc.array(intervals, { minLength: 7, maxLength: 7 }) },
    { weight: 1, arbitrary: fc.constant<{ start: string; end: string }[][]>([]) },
    { weight: 1, arbitrary: fc.constant(Array.from({ length: 7 }, () => [{ start: "00:00", end: "24:00" }])) },
  ),
  exceptions: fc.uniqueArray(fc.record({ day: fc.integer({ min: -1, max: 3 }), intervals }), {
    maxLength: 2,
    selector: ({ day }) => day,
  }),
}).map(({ timeZone, seed, week, exceptions }) => {
  const day = dayOf(timeZone, seed).subtract({ hours: 12 });
  const dateOf = (offset: number) => day.toPlainDate().add({ days: offset }).toString();
  return {
    hours: {
      timeZone,
      workingHours: week.flatMap((day, index) => day.map((interval) => ({ weekday: index + 1, ...interval }))),
      exceptions: exceptions.map(({ day: offset, intervals }) => ({ date: dateOf(offset), intervals })),
    } satisfies Hours,
    range: { from: day.epochMilliseconds, to: day.epochMilliseconds + 2 * dayMs },
  };
});
