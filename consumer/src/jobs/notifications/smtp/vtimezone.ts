import { Temporal } from "temporal-polyfill";

/**
 * The VTIMEZONE (RFC 5545, 3.6.5) for one visit: the observance in force when it begins and the next one, so that its
 * local times are right even where the offset changes during or after it. A zone that changes no more has one offset
 * for good; the change that led to it is often the one from local mean time, with its offsets of seconds.
 */
export function vtimezone(timeZone: string, startsAt: Temporal.Instant): string {
  const start = startsAt.toZonedDateTimeISO(timeZone);
  const next = start.getTimeZoneTransition("next");
  const current = next && start.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
  return [
    "BEGIN:VTIMEZONE",
    `TZID:${timeZone}`,
    ...(current ? observance(current) : fixedObservance(start.offset)),
    ...(next ? observance(next) : []),
    "END:VTIMEZONE",
  ].join("\r\n");
}

function observance(onset: Temporal.ZonedDateTime): string[] {
  const before = onset.subtract({ nanoseconds: 1 });
  const kind = onset.offsetNanoseconds > before.offsetNanoseconds ? "DAYLIGHT" : "STANDARD";
  // The onset is told in the local time that it ends. An offset with seconds is no time zone of Temporal's.
  const local = onset.withTimeZone("UTC").toPlainDateTime().add({ nanoseconds: before.offsetNanoseconds });
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
