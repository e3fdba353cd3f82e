import ICAL from "ical.js";
import nodeIcal from "node-ical";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { type CaughtMail, startMailServer } from "./mail-server.ts";

type Event = Parameters<Harness["deliver"]>[0];

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.deliver(doctorUpdated("dr-hopper", { timeZone: "Europe/Lisbon" }));
});

/** Delivers the events, sends everything and answers the mails, in the order in which each recipient got them. */
async function mailsOf(...events: Event[]): Promise<CaughtMail[]> {
  const server = await startMailServer();
  for (const event of events) expect(await harness.deliver(event)).toMatchObject({ kind: "applied" });
  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url) }));
  await eventually(async () => {
    const states = await harness.states();
    expect(Object.keys(states)).toEqual(["sent"]);
    expect(server.mails).toHaveLength(states["sent"] ?? 0);
  });
  return server.mails;
}

interface CalendarPart {
  /** The MIME part's `method` parameter. */
  mimeMethod: string | undefined;
  source: string;
  calendar: ICAL.Component;
  event: ICAL.Component;
}

/** The one text/calendar part of a mail; both parsers must read it. */
function calendarPart(mail: CaughtMail): CalendarPart {
  const parts = mail.parsed.attachments.filter((part) => part.contentType === "text/calendar");
  expect(parts).toHaveLength(1);
  const source = parts[0]?.content.toString("utf8") ?? "";
  const calendar = ICAL.Component.fromString(source);
  const events = Object.values(nodeIcal.sync.parseICS(source)).filter((component) => component?.type === "VEVENT");
  expect(events).toHaveLength(1);
  const event = calendar.getFirstSubcomponent("vevent");
  if (!event) throw new Error("the invitation has no VEVENT");
  const header = /content-type: text\/calendar;[^\r\n]*(?:\r\n[ \t][^\r\n]*)*/i.exec(mail.raw)?.[0] ?? "";
  return { mimeMethod: /method=([A-Z]+)/.exec(header)?.[1], source, calendar, event };
}

const text = (component: ICAL.Component, property: string) => String(component.getFirstPropertyValue(property));

/** What RFC 5546, 3.2.2 and 3.2.5, and RFC 6047 demand and parsers let pass. */
function expectScheduling(mail: CaughtMail, method: "REQUEST" | "CANCEL"): CalendarPart {
  const part = calendarPart(mail);
  const { calendar, event, source } = part;
  expect(part.mimeMethod).toBe(method);
  expect(text(calendar, "method")).toBe(method);
  expect(text(calendar, "version")).toBe("2.0");
  for (const property of ["uid", "dtstamp", "dtstart", "organizer", "attendee", "sequence", "summary"]) {
    expect(event.getAllProperties(property), property).toHaveLength(1);
  }
  expect(source).toMatch(/^DTSTAMP:\d{8}T\d{6}Z\r$/m);
  expect(text(event, "status")).toBe(method === "CANCEL" ? "CANCELLED" : "CONFIRMED");
  expect(text(event, "organizer")).toBe("mailto:appointments@clinic.example");
  expect(text(event, "attendee").toLowerCase()).toBe(`mailto:${mail.to}`);
  expect(mail.parsed.from?.value[0]?.address).toBe("appointments@clinic.example");
  expect(source.split("\r\n").every((line) => new TextEncoder().encode(line).length <= 75)).toBe(true);
  expect(source.endsWith("END:VCALENDAR\r\n")).toBe(true);
  expect(source.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  return part;
}

describe("a visit that is booked, moved to another doctor and cancelled", () => {
  it("gives each of them invitations that their calendars follow", async () => {
    const events = appointmentEvents();
    const mails = await mailsOf(
      events.created({ durationMinutes: 45 }),
      events.rescheduled(2, { doctorId: "dr-hopper" }),
      events.cancelled(3, { doctorId: "dr-hopper" }),
    );
    const to = (address: string) => mails.filter((mail) => mail.to === address);
    const expected = {
      "ada@example.org": ["REQUEST 0", "REQUEST 1", "CANCEL 2"],
      "dr-lovelace@clinic.example": ["REQUEST 0", "CANCEL 1"],
      "dr-hopper@clinic.example": ["REQUEST 1", "CANCEL 2"],
    };

    for (const [address, wanted] of Object.entries(expected)) {
      const parts = to(address).map((mail, index) =>
        expectScheduling(mail, wanted[index]?.startsWith("CANCEL") ? "CANCEL" : "REQUEST")
      );
      expect(parts.map(({ calendar, event }) => `${text(calendar, "method")} ${text(event, "sequence")}`)).toEqual(
        wanted,
      );
      expect(new Set(parts.map(({ event }) => text(event, "uid")))).toEqual(new Set([events.appointmentId]));
      // The events' own timestamps: a minute for each version.
      expect(parts.map(({ event }) => text(event, "dtstamp"))).toEqual(
        parts.map(({ event }) => `2026-11-23T08:0${Number(text(event, "sequence")) + 1}:00Z`),
      );
    }
  });
});

it("tells a doctor's one mailbox of a move between two doctors without a CANCEL", async () => {
  await harness.deliver(doctorUpdated("dr-hopper", { email: "dr-lovelace@clinic.example" }, 2));
  const events = appointmentEvents();
  const mails = await mailsOf(events.created(), events.rescheduled(2, { doctorId: "dr-hopper" }));

  const methods = mails.filter((mail) => mail.to === "dr-lovelace@clinic.example").map((mail) =>
    text(calendarPart(mail).calendar, "method")
  );
  expect(methods).toEqual(["REQUEST", "REQUEST"]);
});

it.each([
  ["before the clocks go back", "2026-10-25T00:30:00+02:00", ";TZID=Europe/Berlin:20261025T003000"],
  ["that ends in the hour that comes twice", "2026-10-25T01:30:00+02:00", ":20261024T233000Z"],
  ["in that hour, the first time", "2026-10-25T02:30:00+02:00", ":20261025T003000Z"],
  ["in that hour, the second time", "2026-10-25T02:30:00+01:00", ":20261025T013000Z"],
  ["after the clocks went back", "2026-10-25T03:30:00+01:00", ";TZID=Europe/Berlin:20261025T033000"],
  ["across the hour that is left out", "2027-03-28T01:30:00+01:00", ";TZID=Europe/Berlin:20270328T013000"],
  ["in winter", "2026-12-01T10:00:00+01:00", ";TZID=Europe/Berlin:20261201T100000"],
  ["in summer", "2027-07-01T10:00:00+02:00", ";TZID=Europe/Berlin:20270701T100000"],
])("puts a visit %s at the right instant, in its own zone where that is clear", async (_, appointmentDate, written) => {
  const mails = await mailsOf(appointmentEvents().created({ appointmentDate, durationMinutes: 60 }));
  const starts = new Date(appointmentDate);
  const ends = new Date(starts.getTime() + 3_600_000);
  for (const mail of mails) {
    const { source, event } = expectScheduling(mail, "REQUEST");
    expect(source).toContain(`DTSTART${written}\r\n`);
    // ical.js resolves the zone from the VTIMEZONE alone, node-ical from data of its own.
    const read = [
      (event.getFirstPropertyValue("dtstart") as ICAL.Time).toJSDate(),
      (event.getFirstPropertyValue("dtend") as ICAL.Time).toJSDate(),
    ];
    expect(read).toEqual([starts, ends]);
    const [other] = Object.values(nodeIcal.sync.parseICS(source)).filter((component) => component?.type === "VEVENT");
    expect((other as nodeIcal.VEvent).start.getTime()).toBe(starts.getTime());
    expect((other as nodeIcal.VEvent).end?.getTime()).toBe(ends.getTime());
  }
});

it("gives the same invitation, byte for byte, when it is sent again", async () => {
  const mails = await mailsOf(appointmentEvents().created());
  await harness.sql`update sends set state = 'pending'`;
  await eventually(() => expect(mails).toHaveLength(4));

  const [first, second] = mails.filter((mail) => mail.to === "ada@example.org");
  expect(first && second && calendarPart(second).source === calendarPart(first).source).toBe(true);
  expect(second?.messageId).toBe(first?.messageId);
});

it.each([
  ["en", "Your appointment", "Central European Standard Time"],
  ["de-AT", "Ihr Termin", "Mitteleuropäische Normalzeit"],
  ["fr", "Votre rendez-vous", "heure normale d’Europe centrale"],
  ["es", "Su cita", "hora estándar de Europa central"],
  ["it", "Your appointment", "Central European Standard Time"],
])("writes to a patient in %s, as text and HTML, with the local time and its zone", async (locale, subject, zone) => {
  const mails = await mailsOf(appointmentEvents().created({ locale }));
  const mail = mails.find(({ to }) => to === "ada@example.org");
  expect(mail?.subject).toContain(subject);
  for (const body of [mail?.parsed.text, mail?.parsed.html || undefined]) {
    expect(body?.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))).toContain(`${zone} (Europe/Berlin)`);
    expect(body).not.toContain("09:00");
    expect(body).not.toContain("{{");
  }
  expect(mail?.parsed.headers.get("auto-submitted")).toBe("auto-generated");
});

it("invites a new address of the patient, and leaves the old one and the doctor alone", async () => {
  const events = appointmentEvents();
  const mails = await mailsOf(events.created(), events.contactChanged(2, { patientEmail: "new@example.org" }));
  expect(mails.map(({ to }) => to).sort()).toEqual([
    "ada@example.org",
    "dr-lovelace@clinic.example",
    "new@example.org",
  ]);
  const invitation = mails.find(({ to }) => to === "new@example.org");
  expect(invitation && text(expectScheduling(invitation, "REQUEST").event, "sequence")).toBe("1");
});
