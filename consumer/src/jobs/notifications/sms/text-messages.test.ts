import { expect, it } from "vitest";
import { createMessageWriter } from "../message-writer.ts";
import { readTemplates } from "../templates/template-store.ts";
import { gsm7Length } from "./gsm7.ts";

const templates = readTemplates();
/** With a name of this length every text message is still one segment. */
const clinicName = "Centre médical du Père-Lachaise, 20e".padEnd(40, ".");
const writer = createMessageWriter({ templates, clinicName, organizerEmail: "a@clinic.example", defaultLocale: "en" });
const occasions = ["booked", "moved", "cancelled", "reminder"].map((name) => `sms-${name}`);

function lengthOf(template: string, locale: string, timeZone: string, at: number): number {
  const text = writer.text({
    eventKey: "0197f3a2-7000-7000-8000-000000000002",
    channel: "sms",
    recipient: "+4930123456",
    template,
    appointmentId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
    content: {
      locale,
      sequence: 0,
      stamp: "2026-11-23T08:01:00.000Z",
      startsAt: new Date(at).toISOString(),
      durationMinutes: 30,
      timeZone,
      doctorName: "Dr. Ada Lovelace",
      patientEmail: "ada@example.org",
    },
  });
  return gsm7Length(text) ?? Infinity;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
const morning = Date.UTC(2028, 0, 1, 9, 5);

/** The regions whose dates look different from one another in a language: of 12 and of 24 hours, with other words. */
function localesOf(language: string): string[] {
  const looks = new Map<string, string>();
  const regions = letters.flatMap((first) => letters.map((second) => `${language}-${first}${second}`));
  for (const locale of [language, ...regions]) {
    const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
    const look = [morning, morning + 200 * 86_400_000].map((at) => format.format(at + 12 * 3_600_000)).join();
    if (!looks.has(look)) looks.set(look, locale);
  }
  return [...looks.values()];
}

it(
  "every text message is one segment on every day of a year, in every language and region",
  { timeout: 300_000 },
  () => {
    const locales = templates.languages.flatMap(localesOf);
    expect(locales.length).toBeGreaterThan(12);
    const tooLong: string[] = [];
    for (const locale of locales) {
      // A leap year, and the hours of both halves of a day.
      for (let at = morning; at < Date.UTC(2029, 0, 1); at += 86_400_000) {
        for (const time of [at, at + 12 * 3_600_000]) {
          for (const template of occasions) {
            const length = lengthOf(template, locale, "America/New_York", time);
            if (length > 160) tooLong.push(`${template} ${locale} ${new Date(time).toISOString()}: ${length}`);
          }
        }
      }
    }
    expect(tooLong).toEqual([]);
  },
);

it("every text message is one segment in every zone, in winter and in summer", { timeout: 300_000 }, () => {
  const tooLong = Intl.supportedValuesOf("timeZone").flatMap((timeZone) =>
    templates.languages.flatMap((locale) =>
      occasions.flatMap((template) =>
        [0, 182].map((
          day,
        ) => [lengthOf(template, locale, timeZone, morning + day * 86_400_000), template, locale, timeZone])
      )
    )
  ).filter(([length]) => Number(length) > 160);
  expect(tooLong).toEqual([]);
});
