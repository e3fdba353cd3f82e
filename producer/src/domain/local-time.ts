import { Temporal } from "temporal-polyfill";
import { occurrencesOn } from "./working-time.ts";

/** A point in time, and how the caller wrote it (RFC 3339). */
export type WrittenTime = { readonly at: Date; readonly text: string };

/** The zone's name in its usual capitals, or undefined where the runtime does not know it. An offset is no zone. */
export function canonicalTimeZone(name: string): string | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return Temporal.Now.zonedDateTimeISO(name).timeZoneId;
  } catch {
    return undefined;
  }
}

/** Whether both name one zone: Europe/Kyiv is Europe/Kiev. */
export function isSameZone(a: string, b: string): boolean {
  return a === b || primaryName(a) === primaryName(b);
}

function primaryName(timeZone: string): string {
  return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
}

/** RFC 3339 in the offset that the zone has at that instant; milliseconds only where there are some. */
export function formatLocal(instant: Date, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);
  const smallestUnit = instant.getTime() % 1000 === 0 ? "second" : "millisecond";
  return zoned.toString({ timeZoneName: "never", smallestUnit });
}

/** The same for many instants in ascending order: the zone is asked only where its offset changes. */
export function createFormatLocal(timeZone: string): (instant: Date) => string {
  let stretch = { from: Infinity, to: -Infinity, offsetMs: 0, offset: "" };
  return (instant) => {
    const at = instant.getTime();
    if (at < stretch.from || at >= stretch.to) stretch = offsetFrom(at, timeZone);
    const wall = new Date(at + stretch.offsetMs).toISOString();
    return wall.slice(0, at % 1000 === 0 ? 19 : 23) + stretch.offset;
  };
}

function offsetFrom(from: number, timeZone: string) {
  const zoned = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone);
  const to = zoned.getTimeZoneTransition("next")?.epochMilliseconds ?? Infinity;
  return { from, to, offsetMs: zoned.offsetNanoseconds / 1e6, offset: zoned.offset };
}

/**
 * Whether the time was written as a local time of the zone that its clocks skip: 02:30-05:00 in New York on the night
 * of the change. `Z` and the offset of another zone name an instant, and every instant exists.
 */
export function isSkippedLocalTime({ at, text }: WrittenTime, timeZone: string): boolean {
  const [, date, time, offset] = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}).*([+-]\d{2}:\d{2})$/.exec(text) ?? [];
  if (!date || !time || !offset || occurrencesOn(date, timeZone)(time) > 0) return false;
  const near = (hours: number) => {
    const instant = Temporal.Instant.fromEpochMilliseconds(at.getTime()).add({ hours });
    return instant.toZonedDateTimeISO(timeZone).offset;
  };
  return [near(-24), near(24)].includes(offset);
}
