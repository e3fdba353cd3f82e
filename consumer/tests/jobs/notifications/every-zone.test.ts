import process from "node:process";
import ICAL from "ical.js";
import nodeIcal from "node-ical";
import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import { createMessageWriter } from "../../../src/jobs/notifications/message-writer.ts";
import { readTemplates } from "../../../src/jobs/notifications/templates/template-store.ts";
import { schedulingProblems } from "./scheduling-problems.ts";
import { zoneNames } from "./zone-names.ts";

const templates = readTemplates();
const writer = createMessageWriter({
  templates,
  clinicName: "Clinic",
  organizerEmail: "appointments@clinic.example",
  defaultLocale: "en",
});

const occasions = ["booked", "moved", "contact", "cancelled"].map((name) => `patient-${name}`)
  .concat(["booked", "moved", "cancelled", "removed"].map((name) => `doctor-${name}`));
const withoutInvitation = ["patient-reminder", "sms-booked", "sms-moved", "sms-cancelled", "sms-reminder"];
const languages = templates.languages;
const now = Temporal.Now.instant().round("second");
const tenYearsOn = now.add({ hours: 10 * 366 * 24 });
const durationMinutes = 90;

function write(template: string, locale: string, timeZone: string, startsAt: Temporal.Instant) {
  const time = startsAt.toString({ smallestUnit: "second" });
  const send = {
    eventKey: "0197f3a2-7000-7000-8000-000000000002",
    channel: template.startsWith("sms-") ? "sms" as const : "email" as const,
    recipient: "ada@example.org",
    template,
    appointmentId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
    content: {
      locale,
      sequence: 0,
      stamp: "2026-11-23T08:01:00.000Z",
      startsAt: time,
      durationMinutes,
      timeZone,
      zoneInSubject: true as const,
      doctorName: "Dr. Ada Lovelace",
      patientEmail: "ada@example.org",
      ...(template.endsWith("moved") && { previous: { startsAt: time, doctorName: "Dr. Grace Hopper" } }),
    },
  };
  return send.channel === "sms" ? { text: writer.text(send) } : writer.mail(send);
}

/** The changes of the zone's clocks within the next ten years. */
function transitionsOf(timeZone: string): Temporal.Instant[] {
  const found: Temporal.Instant[] = [];
  let at: Temporal.ZonedDateTime | null = now.toZonedDateTimeISO(timeZone);
  while ((at = at.getTimeZoneTransition("next")) && Temporal.Instant.compare(at.toInstant(), tenYearsOn) < 0) {
    found.push(at.toInstant());
  }
  return found;
}

/** What a clock on the wall shows, as the runtime says it, without the polyfill that the messages are written with. */
function wallClock(at: number, formatter: Intl.DateTimeFormat): string {
  const part = Object.fromEntries(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part["year"]?.padStart(4, "0")}-${part["month"]}-${part["day"]}T${part["hour"]}:${part["minute"]}:${
    part["second"]
  }`;
}

/** Read by the parsers, apart from what their reading is not about. */
const readBefore = new Set<string>();

/** What is wrong with an invitation, as two parsers of others and the runtime's clock see it. */
function problemsOf(source: string, method: string, startsAt: Temporal.Instant, formatter: Intl.DateTimeFormat) {
  const problems = schedulingProblems(source, method);
  const read = source.replace(/^SUMMARY:.*\r\n/m, "");
  if (readBefore.has(read)) return problems;
  readBefore.add(read);
  const calendar = ICAL.Component.fromString(source);
  const event = calendar.getFirstSubcomponent("vevent");
  const [other] = Object.values(nodeIcal.sync.parseICS(source)).filter((part) => part?.type === "VEVENT");
  const starts = startsAt.epochMilliseconds;
  for (const [name, at] of [["dtstart", starts], ["dtend", starts + durationMinutes * 60_000]] as const) {
    const read = event?.getFirstPropertyValue(name) as ICAL.Time;
    // ical.js works the instant out from the VTIMEZONE, node-ical from data of its own.
    if (read.toJSDate().getTime() !== at) problems.push(`ical.js reads ${name} as ${read.toJSDate().toISOString()}`);
    const wall = read.zone.tzid === "UTC" ? undefined : wallClock(at, formatter);
    if (wall !== undefined && read.toString() !== wall) problems.push(`${name} is ${read}, the clock shows ${wall}`);
    const elsewhere = (other as nodeIcal.VEvent)[name === "dtstart" ? "start" : "end"];
    if (elsewhere?.getTime() !== at) problems.push(`node-ical reads ${name} as ${elsewhere?.toISOString()}`);
  }
  return problems;
}

const twoDigits = { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
const clocks = new Map(
  zoneNames.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat("en", { timeZone, hourCycle: "h23", year: "numeric", ...twoDigits }),
  ]),
);

function check(template: string, locale: string, timeZone: string, startsAt: Temporal.Instant): string[] {
  const where = `${template} ${locale} ${timeZone} ${startsAt}`;
  try {
    const message = write(template, locale, timeZone, startsAt);
    const problems = /\{\{|undefined|Invalid/.test(message.text) ? ["has a hole"] : [];
    if ("calendar" in message) {
      const { method = "", content = "" } = message.calendar ?? {};
      problems.push(...problemsOf(content, method, startsAt, clocks.get(timeZone)!));
    }
    return problems.map((problem) => `${where}: ${problem}`);
  } catch (error) {
    return [`${where}: ${error}`];
  }
}

/** In turn, so that each template meets each language; `EVERY_LANGUAGE=1` has all of them in each zone. */
const languagesOf = (turn: number) =>
  process.env["EVERY_LANGUAGE"] === "1" ? languages : [languages[turn % languages.length]!];

it("every message of every template is written in every zone and language", { timeout: 600_000 }, () => {
  const problems = zoneNames.flatMap((timeZone, zone) =>
    [...occasions, ...withoutInvitation].flatMap((template, nth) =>
      languagesOf(zone + nth).flatMap((locale) => check(template, locale, timeZone, now))
    )
  );
  expect(problems).toEqual([]);
});

it("invitations are right around every change of the clocks in ten years", { timeout: 600_000 }, () => {
  const problems: string[] = [];
  let turn = 0;
  // The older names are those of the same clocks.
  for (const timeZone of Intl.supportedValuesOf("timeZone")) {
    for (const change of transitionsOf(timeZone)) {
      // The change comes during the visit or with its begin; and in turn: with its end, or shortly before it.
      for (const minutes of [-durationMinutes / 2, 0, [-durationMinutes, -1, 30, 61][turn % 4] ?? 0]) {
        const template = occasions[turn % occasions.length] ?? "";
        const locale = languages[turn++ % languages.length] ?? "";
        problems.push(...check(template, locale, timeZone, change.add({ minutes })));
      }
    }
  }
  expect(problems).toEqual([]);
  expect(turn).toBeGreaterThan(6_000);
});

it.each(["1850-06-01T10:00:00Z", "9998-12-30T23:59:00Z"])("an invitation is written for %s", (at) => {
  const startsAt = Temporal.Instant.from(at);
  const written = zoneNames.map((timeZone) => write("patient-booked", "en", timeZone, startsAt));
  expect(written.every((message) => "calendar" in message && message.calendar)).toBe(true);
});
