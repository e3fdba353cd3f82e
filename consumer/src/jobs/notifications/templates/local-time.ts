import { dateFormatter } from "./date-formatter.ts";

/** A visit's time as one of its people reads it: in the reader's zone, with the zone's name. */
export interface LocalTime {
  /** Day, time and zone in full. */
  when: string;
  day: string;
  time: string;
  /** The zone's name. */
  zone: string;
  /** For a text message. */
  short: string;
}

const clock = { hour: "numeric", minute: "2-digit" } as const;
const formats = {
  when: { weekday: "long", day: "numeric", month: "long", year: "numeric", ...clock, timeZoneName: "long" },
  day: { day: "numeric", month: "long", year: "numeric" },
  time: clock,
  short: { weekday: "short", day: "numeric", month: "short", year: "numeric", ...clock, timeZoneName: "short" },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** `locale` is a BCP 47 tag that Intl accepts. */
export function localTime(at: Date, timeZone: string, locale: string): LocalTime {
  const zone = dateFormatter(locale, { timeZone, timeZoneName: "long" }).formatToParts(at);
  const format = (name: keyof typeof formats) => dateFormatter(locale, { timeZone, ...formats[name] }).format(at);
  return {
    when: `${format("when")} (${timeZone})`,
    day: format("day"),
    time: format("time"),
    zone: zone.find(({ type }) => type === "timeZoneName")?.value ?? timeZone,
    short: format("short"),
  };
}
