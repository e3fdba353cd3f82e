import { Temporal } from "temporal-polyfill";

/** The zone's name in its usual capitals, or undefined where the runtime does not know it. An offset is no zone. */
export function canonicalTimeZone(name: string): string | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return Temporal.Now.zonedDateTimeISO(name).timeZoneId;
  } catch {
    return undefined;
  }
}

/** RFC 3339 in the offset that the zone has at that instant; milliseconds only where there are some. */
export function formatLocal(instant: Date, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);
  const smallestUnit = instant.getTime() % 1000 === 0 ? "second" : "millisecond";
  return zoned.toString({ timeZoneName: "never", smallestUnit });
}
