import { Temporal } from "temporal-polyfill";

/** Whether the clocks of two zones show the same time at that instant. */
export function showSameTime(at: Date, one: string, other: string): boolean {
  const instant = Temporal.Instant.fromEpochMilliseconds(at.getTime());
  const offset = (zone: string) => instant.toZonedDateTimeISO(zone).offsetNanoseconds;
  return one === other || offset(one) === offset(other);
}
