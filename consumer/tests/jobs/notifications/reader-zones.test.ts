import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { type CaughtMail, startMailServer } from "./mail-server.ts";

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(() => harness.empty());

type Event = Parameters<Harness["deliver"]>[0];

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

const to = (mails: CaughtMail[], address: string) => mails.filter((mail) => mail.to === address);
const calendarOf = (mail: CaughtMail | undefined) =>
  mail?.parsed.attachments.find(({ contentType }) => contentType === "text/calendar")?.content.toString("utf8");

it("each reads the visit by their own clock, and the subject says which it is where they differ", async () => {
  const visit = { appointmentDate: "2026-12-01T09:00:00-05:00", timeZone: "America/New_York" };
  const events = appointmentEvents();
  const mails = await mailsOf(
    doctorUpdated("dr-lovelace"),
    doctorUpdated("dr-hopper", { timeZone: "Asia/Kolkata" }),
    events.created(visit),
    events.rescheduled(2, {
      doctorId: "dr-hopper",
      appointmentDate: "2026-12-02T09:00:00-05:00",
      timeZone: "America/New_York",
      previousAppointmentDate: visit.appointmentDate,
    }),
    events.cancelled(3, { doctorId: "dr-hopper", appointmentDate: "2026-12-02T09:00:00-05:00" }),
  );

  const subjects = (address: string) => to(mails, address).map(({ subject }) => subject);
  expect(subjects("ada@example.org")).toEqual([
    "Your appointment on December 1, 2026 at 9:00 AM (Eastern Standard Time)",
    "Your appointment has changed: December 2, 2026 at 9:00 AM (Eastern Standard Time)",
    "Your appointment on December 2, 2026 at 9:00 AM (Eastern Standard Time) was cancelled",
  ]);
  expect(subjects("dr-lovelace@clinic.example")).toEqual([
    "New appointment on December 1, 2026 at 3:00 PM (Central European Standard Time)",
    "Appointment on December 1, 2026 at 3:00 PM (Central European Standard Time) is no longer yours",
  ]);
  expect(subjects("dr-hopper@clinic.example")).toEqual([
    "New appointment on December 2, 2026 at 7:30 PM (India Standard Time)",
    "Appointment on December 2, 2026 at 7:30 PM (India Standard Time) cancelled",
  ]);

  const [doctors] = to(mails, "dr-lovelace@clinic.example");
  expect(doctors?.parsed.text).toContain("3:00 PM Central European Standard Time (Europe/Berlin)");
  expect(calendarOf(doctors)).toContain("DTSTART;TZID=Europe/Berlin:20261201T150000");
  const [patients] = to(mails, "ada@example.org");
  expect(patients?.parsed.text).toContain("9:00 AM Eastern Standard Time (America/New_York)");
  expect(calendarOf(patients)).toContain("DTSTART;TZID=America/New_York:20261201T090000");
});

it("the time before a move is told by the reader's clock, too", async () => {
  const events = appointmentEvents();
  const mails = await mailsOf(
    doctorUpdated("dr-lovelace"),
    events.created({ timeZone: "America/New_York" }),
    events.rescheduled(2, { timeZone: "America/New_York" }),
  );
  const texts = (address: string) => to(mails, address).at(-1)?.parsed.text?.replace(/\s+/g, " ");
  expect(texts("ada@example.org")).toContain("Before, it was: Tuesday, December 1, 2026 at 4:00 AM Eastern");
  expect(texts("dr-lovelace@clinic.example")).toContain(
    "Before, it was: Tuesday, December 1, 2026 at 10:00 AM Central",
  );
});

it.each([
  ["of one zone", "Europe/Berlin"],
  ["whose clocks agree on that day", "Europe/Paris"],
  ["of one zone with two names", "Arctic/Longyearbyen"],
])("readers %s see no zone in the subject", async (_, timeZone) => {
  const mails = await mailsOf(doctorUpdated("dr-lovelace"), appointmentEvents().created({ timeZone }));
  expect(mails.map(({ subject }) => subject).sort()).toEqual([
    "New appointment on December 1, 2026 at 10:00 AM",
    "Your appointment on December 1, 2026 at 10:00 AM",
  ]);
});

it("clocks that agree in winter only are named in summer", async () => {
  const appointmentDate = "2027-07-01T10:00:00+01:00";
  const mails = await mailsOf(
    doctorUpdated("dr-lovelace"),
    appointmentEvents().created({ timeZone: "Africa/Lagos", appointmentDate }),
  );
  // "West Africa Time" or "West Africa Standard Time": the runtimes' locale data differ.
  const lagos = new Intl.DateTimeFormat("en-US", { timeZone: "Africa/Lagos", timeZoneName: "long" })
    .formatToParts(new Date(appointmentDate)).find(({ type }) => type === "timeZoneName")!.value;
  expect(lagos).toMatch(/^West Africa/);
  expect(mails.map(({ subject }) => subject).sort()).toEqual([
    "New appointment on July 1, 2027 at 11:00 AM (Central European Summer Time)",
    `Your appointment on July 1, 2027 at 10:00 AM (${lagos})`,
  ]);
});
