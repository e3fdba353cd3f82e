import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { readTemplates } from "../../../src/jobs/notifications/templates/template-store.ts";
import { eventually } from "../../support/eventually.ts";
import { startMailServer } from "./mail-server.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";

type Event = Parameters<Harness["deliver"]>[0];

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  for (const doctorId of ["dr-lovelace", "dr-hopper"]) await harness.deliver(doctorUpdated(doctorId));
});

/** Handles the events, each with calendars that are written or not, and answers what each recipient got, in order. */
async function mailsOf(events: [Event, boolean][], defaultLocale = "en") {
  const server = await startMailServer();
  for (const [event, calendars] of events) await harness.deliver(event, { calendars, defaultLocale });
  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url) }));
  await eventually(async () => {
    const states = await harness.states();
    expect(Object.keys(states)).toEqual(["sent"]);
    expect(server.mails).toHaveLength(states["sent"]!);
  });
  return (to: string) =>
    server.mails.filter((mail) => mail.to === to).map((mail) => ({
      method: /method=([A-Z]+)/.exec(mail.raw)?.[1],
      calendarParts: mail.parsed.attachments.filter(({ contentType }) => contentType === "text/calendar").length,
      text: mail.parsed.text ?? "",
      html: mail.parsed.html || "",
    }));
}

function history() {
  const events = appointmentEvents();
  return [
    events.created(),
    events.rescheduled(2),
    events.rescheduled(3, { doctorId: "dr-hopper", previousAppointmentDate: "2026-12-03T09:30:00+01:00" }),
    events.cancelled(4, { doctorId: "dr-hopper" }),
  ];
}

/** Parts of what is told instead of the invitation. */
const told: Record<string, [booked: string, moved: string, gone: string]> = {
  en: ["The visit is in your calendar", "Your calendar shows the change", "no longer in your calendar"],
  de: ["Der Termin steht in Ihrem Kalender", "Ihr Kalender zeigt die Änderung", "nicht mehr in Ihrem Kalender"],
  fr: ["figure dans votre agenda", "Votre agenda tient compte de ce changement", "ne figure plus dans votre agenda"],
  es: ["La cita está en su calendario", "Su calendario recoge el cambio", "ya no está en su calendario"],
};

it("knows every language that there are templates in", () => {
  expect(Object.keys(told).sort()).toEqual(readTemplates().languages.toSorted());
});

it.each(Object.entries(told))(
  "a doctor whose calendar is written is told so in %s and never asked to import; the patient is invited",
  async (locale, [booked, moved, gone]) => {
    const mails = await mailsOf(history().map((event) => [event, true]), locale);
    const doctors = [...mails("dr-lovelace@clinic.example"), ...mails("dr-hopper@clinic.example")];
    expect(doctors.map(({ calendarParts }) => calendarParts)).toEqual([0, 0, 0, 0, 0]);
    [booked, moved, gone, booked, gone].forEach((sentence, index) => {
      expect(doctors[index]!.text).toContain(sentence);
      expect(doctors[index]!.html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))).toContain(sentence);
      expect(doctors[index]!.text).not.toMatch(/invitation|Einladung|invitación|\{\{/i);
    });
    expect(mails("ada@example.org").map(({ method }) => method)).toEqual(["REQUEST", "REQUEST", "REQUEST", "CANCEL"]);
  },
);

it("a doctor who was invited before calendars were written goes on getting updates, and nobody new does", async () => {
  const [created, moved, given, cancelled] = history() as [Event, Event, Event, Event];
  const mails = await mailsOf([[created, false], [moved, true], [given, true], [cancelled, true]]);
  expect(mails("dr-lovelace@clinic.example").map(({ method }) => method)).toEqual(["REQUEST", "REQUEST", "CANCEL"]);
  expect(mails("dr-hopper@clinic.example").map(({ method }) => method)).toEqual([undefined, undefined]);
});

it("without calendars doctors are invited, as ever", async () => {
  const mails = await mailsOf(history().map((event) => [event, false]));
  expect(mails("dr-lovelace@clinic.example").map(({ method }) => method)).toEqual(["REQUEST", "REQUEST", "CANCEL"]);
  expect(mails("dr-hopper@clinic.example").map(({ method }) => method)).toEqual(["REQUEST", "CANCEL"]);
});
