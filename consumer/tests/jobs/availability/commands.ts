import fc from "fast-check";
import type { OracleDoctor } from "./oracle.ts";
import type { RawEvent } from "../../support/handle-event.ts";

/** What callers ask of the producer; numbers stand for one of the doctors or visits that there are. */
export type Command =
  | { kind: "book"; doctor: number; slot: number; durationMinutes: number | undefined; overbook: boolean }
  | { kind: "reschedule"; visit: number; doctor: number; slot: number; durationMinutes: number; overbook: boolean }
  | { kind: "cancel" | "arrive" | "complete" | "miss" | "reopen" | "changeContact"; visit: number }
  | { kind: "putDoctor"; doctor: number; hours: Omit<OracleDoctor, "version"> };

const quarters = (count: number) =>
  `${String(Math.floor(count / 4)).padStart(2, "0")}:${String((count % 4) * 15).padStart(2, "0")}`;
/** The intervals of a day: none overlaps another, some touch. */
const intervals = fc.uniqueArray(fc.tuple(fc.nat(96), fc.boolean()), { maxLength: 6, selector: ([time]) => time })
  .map((times) => times.toSorted(([a], [b]) => a - b))
  .map((times) =>
    times.slice(1).flatMap(([end], index) => {
      const [start, works] = times[index]!;
      return works ? [{ start: quarters(start), end: quarters(end) }] : [];
    })
  );
/** Where histories take place: around changes of offset in New York and on Lord Howe. */
export const firstDays = fc.constantFrom("2026-03-07", "2026-04-04", "2026-10-03", "2026-10-31").map((date) =>
  Date.parse(`${date}T00:00:00Z`)
);
export const hours: fc.Arbitrary<Omit<OracleDoctor, "version">> = fc.record({
  timeZone: fc.constantFrom("UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"),
  workingHours: fc.array(intervals, { maxLength: 7 })
    .map((week) => week.flatMap((day, index) => day.map((interval) => ({ weekday: 7 - index, ...interval })))),
  exceptions: fc.uniqueArray(
    fc.record({
      date: fc.constantFrom("2026-03-08", "2026-03-09", "2026-04-05", "2026-10-04", "2026-11-01"),
      intervals,
    }),
    { maxLength: 3, selector: ({ date }) => date },
  ),
});
const doctor = fc.nat(1);
const visit = fc.nat(20);
const slot = fc.nat(3 * 96);
export const durationMinutes = fc.constantFrom(15, 30, 45, 60);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("book" as const),
      doctor,
      slot,
      durationMinutes: fc.option(durationMinutes, { nil: undefined }),
      overbook: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("reschedule" as const),
      visit,
      doctor,
      slot,
      durationMinutes,
      overbook: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "cancel" as const,
        "arrive" as const,
        "complete" as const,
        "miss" as const,
        "reopen" as const,
        "changeContact" as const,
      ),
      visit,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("putDoctor" as const), doctor, hours }) },
);

/** How a producer tells its events: with versions, without, or with some; a second apart or in one instant. */
export interface Telling {
  /** For one event after another, from the beginning again at the end. */
  versioned: readonly boolean[];
  atOnce: readonly boolean[];
}

const pattern: fc.Arbitrary<readonly boolean[]> = fc.oneof(
  fc.constant([true]),
  fc.constant([false]),
  fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
);
export const tellings: fc.Arbitrary<Telling> = fc.record({ versioned: pattern, atOnce: pattern });

export const commands = fc.array(command, { minLength: 1, maxLength: 25 });

/** Every event once or twice, in an order that the stream decides. */
export function shuffled(events: RawEvent[], randoms: fc.Stream<number>): RawEvent[] {
  const draws = randoms[Symbol.iterator]();
  const draw = () => draws.next().value as number;
  return events
    .flatMap((event) => draw() % 3 === 0 ? [event, event] : [event])
    .map((event) => ({ event, key: draw() }))
    .sort((a, b) => a.key - b.key)
    .map(({ event }) => event);
}
