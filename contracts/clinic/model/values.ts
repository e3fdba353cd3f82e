import fc, { type Arbitrary } from "fast-check";
import type { DayOff, WeeklyHours } from "./clinic.ts";

/** Random values for requests: all that the contract allows, and that mean one thing only. */

/** With offsets of whole and of odd quarters of an hour, of one side and the other, with and without summer time. */
export const timeZone = fc.constantFrom(
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "America/St_Johns",
  "UTC",
);

/** The zone that was drawn, or another one where it would change nothing. */
export function otherZone<Zone extends string | null | undefined>(drawn: Zone, before: string): Zone | string {
  if (drawn !== before) return drawn;
  return before === "UTC" ? "Europe/Berlin" : "UTC";
}

export const minuteOfDay = fc.integer({ min: 0, max: 1440 - 480 - 1 });
export const durationMinutes = fc.integer({ min: 5, max: 480 });

const word = fc.stringMatching(/^[a-z][a-z0-9]{1,9}$/);
export const email = fc.tuple(word, word, fc.constantFrom("example.org", "clinic.example", "bücher.example"))
  .map(([one, two, domain]) => `${one}.${two}@${domain}`);
export const phone = fc.stringMatching(/^\+[1-9][0-9]{6,14}$/);
export const personName = fc.constantFrom("Ada King", "Émilie du Châtelet", "李 明", "O'Brien", "Grace Hopper 😀")
  .chain((name) => fc.nat(999).map((number) => `${name} ${number}`));
export const locale = fc.constantFrom("de", "en", "fr", "pt-BR", "zh-Hant-TW");
export const reasonCode = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
export const reference = fc.stringMatching(/^case-[0-9]{1,8}$/);
export const metadata = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z0-9 ]{0,20}x$/), {
  minKeys: 1,
  maxKeys: 3,
}).map((entries) => ({ ...entries }));

function clock(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Disjoint parts of a day. */
function intervals(min: number, max: number): Arbitrary<{ start: string; end: string }[]> {
  return fc.uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 6 }).map((minutes) => {
    const edges = minutes.slice(0, minutes.length - (minutes.length % 2)).sort((a, b) => a - b).map(clock);
    return edges.flatMap((start, index) => index % 2 === 0 ? [{ start, end: edges[index + 1] as string }] : []);
  });
}

export const workingHours: Arbitrary<WeeklyHours[]> = fc
  .subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 })
  .chain((weekdays) => fc.tuple(...weekdays.map((weekday) => intervals(0, 1440).map((all) => ({ weekday, all })))))
  .map((days) => days.flatMap(({ weekday, all }) => all.map((interval) => ({ weekday, ...interval }))));

/** After all visits; and by day, where no zone's clocks are set. */
const date = fc.integer({ min: 0, max: 200 }).map((day) => dayAfter("2090-01-01", day));
export const exceptions: Arbitrary<DayOff[]> = fc.uniqueArray(date, { minLength: 1, maxLength: 4 })
  .chain((dates) =>
    fc.tuple(
      ...dates.map((one) =>
        fc.oneof(fc.constant<DayOff["intervals"]>([]), intervals(540, 1080), intervals(540, 1080)).map((all) => ({
          date: one,
          intervals: all,
        }))
      ),
    )
  ).chain((days) => intervals(540, 1080).map((some) => [...days, { date: "2091-05-05", intervals: some }]));

export const absence = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 20 })).map((
  [from, count],
) => Array.from({ length: count }, (_, index) => dayAfter("2090-01-01", from + index)));

function dayAfter(first: string, days: number): string {
  return new Date(Date.parse(`${first}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
