import { Temporal } from "temporal-polyfill";

/**
 * The VTIMEZONE (RFC 5545, 3.6.5) for one visit: the observance in force when it begins and the next one, so that its
 * local times are right even where the offset changes during or after it.
 */
export function vtimezone(timeZone: string, startsAt: Temporal.Instant): string {
  const start = startsAt.toZonedDateTimeISO(timeZone);
  const current = start.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
  const next = start.getTimeZoneTransition("next");
  return [
    "BEGIN:VTIMEZONE",
    `TZID:${timeZone}`,
    ...(current ? observance(current, next !== null) : fixedObservance(start.offset)),
    ...(next ? observance(next, true) : []),
    "END:VTIMEZONE",
  ].join("\r\n");
}

function observance(onset: Temporal.ZonedDateTime, changesAgain: boolean): string[] {
  const before = onset.subtract({ nanoseconds: 1 });
  const kind = changesAgain && onset.offsetNanoseconds > before.offsetNanoseconds ? "DAYLIGHT" : "STANDARD";
  // The onset is told in the local time that it ends.
  const local = onset.toInstant().toZonedDateTimeISO(before.offset).toPlainDateTime();
  return [
    `BEGIN:${kind}`,
    `DTSTART:${basicFormat(local)}`,
    `TZOFFSETFROM:${before.offset.replaceAll(":", "")}`,
    `TZOFFSETTO:${onset.offset.replaceAll(":", "")}`,
    `END:${kind}`,
  ];
}

function fixedObservance(offset: string): string[] {
  const value = offset.replaceAll(":", "");
  return [
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    `TZOFFSETFROM:${value}`,
    `TZOFFSETTO:${value}`,
    "END:STANDARD",
  ];
}

function basicFormat(time: Temporal.PlainDateTime): string {
  return time.toString({ smallestUnit: "second" }).replaceAll(/[-:]/g, "");
}
