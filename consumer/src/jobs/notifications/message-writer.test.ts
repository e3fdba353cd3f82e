import { expect, it } from "vitest";
import { readTemplates } from "./templates/template-store.ts";
import { createMessageWriter, referenceOf } from "./message-writer.ts";
import type { NewSend } from "./send.ts";

type Send = Omit<NewSend, "correlationId" | "dueAt">;

const templates = readTemplates();
const writer = createMessageWriter({
  templates,
  clinicName: "Clinic",
  organizerEmail: "appointments@clinic.example",
  defaultLocale: "de",
});

function send(template: string, locale: string, doctorName = "Dr. Ada Lovelace"): Send {
  return {
    eventKey: "0197f3a2-7000-7000-8000-000000000002",
    channel: "email",
    recipient: "ada@example.org",
    template,
    appointmentId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
    content: {
      locale,
      sequence: 0,
      stamp: "2026-11-23T08:01:00.000Z",
      startsAt: "2026-12-01T09:00:00.000Z",
      durationMinutes: 45,
      timeZone: "Europe/Berlin",
      doctorName,
      patientEmail: "ada@example.org",
      ...(template.endsWith("moved") && {
        previous: { startsAt: "2026-11-30T09:00:00.000Z", doctorName: "Dr. Grace Hopper" },
      }),
    },
  };
}

const patientMails = ["booked", "moved", "contact", "cancelled", "reminder"].map((name) => `patient-${name}`);
const doctorMails = ["booked", "moved", "cancelled", "removed"].map((name) => `doctor-${name}`);

it.each(["en", "de", "fr", "es"])("has every mail in %s, with the visit's local time", (language) => {
  for (const template of [...patientMails, ...doctorMails]) {
    const { subject, text, html, calendar } = writer.mail(send(template, language));
    expect(subject).toMatch(/2026.*10:00/);
    expect(text).toContain("Europe/Berlin");
    expect(html).toContain(`<html lang="${language}">`);
    for (const part of [subject, text, html]) expect(part).not.toMatch(/\{\{|undefined/);
    expect(calendar?.method).toBe(
      template.endsWith("reminder") ? undefined : /cancelled|removed/.test(template) ? "CANCEL" : "REQUEST",
    );
  }
});

it.each(["en", "de", "fr", "es"])("names the patient in a doctor's mail in %s, and nowhere else", (language) => {
  for (
    const template of [...doctorMails, ...patientMails, "sms-booked", "sms-moved", "sms-cancelled", "sms-reminder"]
  ) {
    const named = send(template, language);
    named.content = { ...named.content, patientName: "Zoë <King>" };
    if (template.startsWith("sms-")) {
      expect(writer.text(named)).not.toContain("Zoë");
      continue;
    }
    const { subject, text, html, calendar } = writer.mail(named);
    expect(text.includes("Zoë <King> (ada@example.org)"), template).toBe(template.startsWith("doctor-"));
    expect(html.includes("Zoë &#60;King&#62; (ada@example.org)"), template).toBe(template.startsWith("doctor-"));
    expect(`${subject}\n${calendar?.content}`).not.toContain("Zoë");
  }
});

it.each(["en", "de", "fr", "es"])("says time and clinic only in a text message in %s", (language) => {
  for (const occasion of ["booked", "moved", "cancelled", "reminder"]) {
    const text = writer.text(send(`sms-${occasion}`, language));
    expect(text).toMatch(/Clinic ?:.*10:00/);
    expect(text).not.toMatch(/Lovelace|ada@/);
    expect(text.length).toBeLessThanOrEqual(160);
  }
});

it("writes in the default language to whom no templates fit, and takes a region from the recipient's own", () => {
  expect(writer.mail(send("patient-booked", "it")).subject).toBe("Ihr Termin am 1. Dezember 2026 um 10:00 Uhr");
  expect(writer.mail(send("patient-booked", "en-GB")).subject).toBe("Your appointment on 1 December 2026 at 10:00");
  expect(writer.mail(send("patient-booked", "en-x")).subject).toContain("Your appointment on December 1, 2026");
});

it("escapes names in HTML and keeps them from adding lines to an invitation", () => {
  const { html, calendar } = writer.mail(send("doctor-booked", "en", '<b>"Bobby"</b>'));
  expect(html).toContain("&#60;b&#62;&#34;Bobby&#34;&#60;/b&#62;");
  expect(calendar?.content).toContain("LOCATION:Clinic\r\n");
});

it("names a send by what makes it unique", () => {
  const one = referenceOf(send("patient-booked", "en"));
  expect(referenceOf(send("patient-booked", "de"))).toBe(one);
  expect(referenceOf(send("patient-moved", "en"))).not.toBe(one);
});
