import { Temporal } from "temporal-polyfill";

/** Whether the clocks of two zones show the same time at that instant. */
export function showSameTime(at: Date, one: string, other: string): boolean {
  if (one === other) return true;
  const instant = Temporal.Instant.fromEpochMilliseconds(at.getTime());
  const offset = (zone: string) => instant.toZonedDateTimeISO(zone).offsetNanoseconds;
  return offset(one) === offset(other);
}
