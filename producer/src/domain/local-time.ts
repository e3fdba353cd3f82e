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

type Offset = { readonly ms: number; readonly text: string };

const dayMs = 86_400_000;
/** Of each zone and day of UTC that was asked for lately; `changing` where clocks change on it. */
const offsets = new Map<string, Offset | "changing">();
const maxOffsets = 10_000;

/** RFC 3339 in the offset that the zone has at that instant; milliseconds only where there are some. */
export function formatLocal(instant: Date, timeZone: string): string {
  const at = instant.getTime();
  const { ms, text } = offsetAt(at, timeZone);
  return new Date(at + ms).toISOString().replace(at % 1000 === 0 ? ".000Z" : "Z", text);
}

/** Temporal takes a hundred times as long as what it is asked for here, most often about the same days. */
function offsetAt(at: number, timeZone: string): Offset {
  const day = Math.floor(at / dayMs);
  const key = `${timeZone} ${day}`;
  let known = offsets.get(key);
  if (!known) {
    const [first, last] = [day * dayMs, (day + 1) * dayMs - 1].map((end) => readOffset(end, timeZone)) as [
      Offset,
      Offset,
    ];
    known = first.ms === last.ms ? first : "changing";
    if (offsets.size >= maxOffsets) offsets.clear();
    offsets.set(key, known);
  }
  return known === "changing" ? readOffset(at, timeZone) : known;
}

function readOffset(at: number, timeZone: string): Offset {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  // Of an offset with seconds, RFC 3339 has the minutes only.
  const text = zoned.toString({ timeZoneName: "never" }).slice(-"+00:00".length);
  return { ms: zoned.offsetNanoseconds / 1e6, text };
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
