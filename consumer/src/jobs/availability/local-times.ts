import { Temporal } from "temporal-polyfill";

interface Span {
  start: number;
  end: number;
  offsetMs: number;
  /** Such as +01:00. */
  offset: string;
}

/**
 * Writes instants as RFC 3339 in the zone's local time, to the second. Of each span between two changes of its clocks the
 * zone is asked once: to ask for each of a month's slots took a second.
 */
export function createLocalTimes(timeZone: string): (at: number) => string {
  let span: Span | undefined;

  function spanAt(at: number): Span {
    const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
    return {
      start: at,
      end: local.getTimeZoneTransition("next")?.epochMilliseconds ?? Infinity,
      offsetMs: local.offsetNanoseconds / 1e6,
      offset: local.toString({ timeZoneName: "never", smallestUnit: "second" }).slice("0000-00-00T00:00:00".length),
    };
  }

  return (at) => {
    if (!span || at < span.start || at >= span.end) span = spanAt(at);
    return new Date(at + span.offsetMs).toISOString().slice(0, "0000-00-00T00:00:00".length) + span.offset;
  };
}
