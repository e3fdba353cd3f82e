/** A visit's time as its people read it: in its own zone, with the zone's name. */
export interface LocalTime {
  /** Day, time and zone in full. */
  when: string;
  day: string;
  time: string;
  /** For a text message. */
  short: string;
}

/** `locale` is a BCP 47 tag that Intl accepts. */
export function localTime(at: Date, timeZone: string, locale: string): LocalTime {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options }).format(at);
  const clock = { hour: "numeric", minute: "2-digit" } as const;
  const when = format({
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    ...clock,
    timeZoneName: "long",
  });
  const short = format({
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    ...clock,
    timeZoneName: "short",
  });
  return {
    when: `${when} (${timeZone})`,
    day: format({ day: "numeric", month: "long", year: "numeric" }),
    time: format(clock),
    // Typographic spaces would make a text message cost twice as much (GSM 03.38 lacks them).
    short: short.replace(/[\u00a0\u202f]/g, " "),
  };
}
