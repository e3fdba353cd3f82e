import { createHash } from "node:crypto";
import type { NewSend, SendContent } from "./send.ts";
import { type CalendarMethod, formatInvitation } from "./smtp/invitation.ts";
import type { Mail } from "./smtp/mailer.ts";
import { toGsm7 } from "./sms/gsm7.ts";
import { escapeHtml, fill, toHtml, toText, type Values } from "./templates/fill.ts";
import { localTime } from "./templates/local-time.ts";
import type { TemplateStore } from "./templates/template-store.ts";

type Identity = Pick<NewSend, "eventKey" | "channel" | "recipient" | "template">;
type Send = Identity & Pick<NewSend, "appointmentId" | "content">;

export interface MessageWriterOptions {
  templates: TemplateStore;
  clinicName: string;
  /** Sender of every mail and organizer of every invitation. */
  organizerEmail: string;
  /** Where a recipient's language has no templates. */
  defaultLocale: string;
}

/** Writes out what a send says: the same send, the same words and the same invitation. */
export interface MessageWriter {
  mail(send: Send): Mail;
  text(send: Send): string;
}

const methods: Record<string, CalendarMethod> = {
  "patient-booked": "REQUEST",
  "patient-moved": "REQUEST",
  "patient-contact": "REQUEST",
  "patient-cancelled": "CANCEL",
  "doctor-booked": "REQUEST",
  "doctor-moved": "REQUEST",
  "doctor-cancelled": "CANCEL",
  "doctor-removed": "CANCEL",
};

export function createMessageWriter(options: MessageWriterOptions): MessageWriter {
  const { templates, clinicName, organizerEmail } = options;

  /** The recipient's language and region where there are templates in that language. */
  function localeFor(content: SendContent): { locale: string; language: string } {
    for (const locale of [content.locale, options.defaultLocale, "en"]) {
      const language = locale.split("-")[0] ?? locale;
      if (templates.languages.includes(language)) return { locale: isLocale(locale) ? locale : language, language };
    }
    throw new Error("there are no templates in English");
  }

  function valuesOf(content: SendContent, locale: string): Values {
    const { timeZone, previous } = content;
    const time = localTime(new Date(content.startsAt), timeZone, locale);
    return {
      ...time,
      zone: content.zoneInSubject ? ` (${time.zone})` : "",
      ...(previous && {
        previous: localTime(new Date(previous.startsAt), timeZone, locale).when,
        previousDoctor: previous.doctorName,
      }),
      doctor: content.doctorName,
      patient: patientOf(content),
      minutes: String(content.durationMinutes),
      clinic: clinicName,
    };
  }

  return {
    mail(send) {
      const { content } = send;
      const { locale, language } = localeFor(content);
      const { headers, text } = templates.find(language, send.template);
      const values = valuesOf(content, locale);
      const note = headers[content.calendarWritten ? "Calendar" : "Invitation"];
      if (note !== undefined) values["calendarNote"] = fill(note, values);
      const subject = fill(headers["Subject"] ?? "", values);
      const method = content.calendarWritten ? undefined : methods[send.template];
      return {
        to: send.recipient,
        messageId: messageIdOf(send, organizerEmail),
        subject,
        text: toText(text, values),
        html: fill(templates.layout, { language, subject: escapeHtml(subject), body: toHtml(text, values) }),
        ...(method && {
          calendar: {
            method,
            content: formatInvitation({
              method,
              uid: send.appointmentId,
              sequence: content.sequence,
              stamp: new Date(content.stamp),
              startsAt: new Date(content.startsAt),
              durationMinutes: content.durationMinutes,
              timeZone: content.timeZone,
              summary: fill(headers["Summary"] ?? "", values),
              location: clinicName,
              organizer: { name: clinicName, email: organizerEmail },
              attendee: send.recipient,
            }),
          },
        }),
      };
    },

    text(send) {
      const { locale, language } = localeFor(send.content);
      return toGsm7(fill(templates.find(language, send.template).text, valuesOf(send.content, locale)));
    },
  };
}

/** The patient as a doctor reads of them. */
function patientOf({ patientName, patientEmail, patientPhone = "" }: SendContent): string {
  const reached = patientEmail ?? patientPhone;
  return patientName === undefined ? reached : `${patientName} (${reached})`;
}

/** The Message-ID of a mail, without its angle brackets; the domain is that of the sender's address. */
export function messageIdOf(send: Identity, from: string): string {
  return `${referenceOf(send)}@${from.slice(from.lastIndexOf("@") + 1)}`;
}

/** What the other side may know a send by; follows from what makes it unique in the ledger. */
export function referenceOf({ eventKey, channel, recipient, template }: Identity): string {
  return createHash("sha256").update([eventKey, channel, recipient, template].join("\n")).digest("hex").slice(0, 32);
}

const locales = new Map<string, boolean>();

function isLocale(tag: string): boolean {
  const known = locales.get(tag);
  if (known !== undefined) return known;
  if (locales.size >= 1_000) locales.clear();
  const supported = isSupported(tag);
  locales.set(tag, supported);
  return supported;
}

function isSupported(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}
