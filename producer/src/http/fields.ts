import { Temporal } from "temporal-polyfill";
import * as v from "valibot";
import { canonicalTimeZone } from "../domain/local-time.ts";
import { cancellers, statuses } from "../domain/appointment.ts";
import { isDateTime, isEmail, isUuid } from "../formats.ts";
import { fieldLimits as limits } from "../generated/field-limits.ts";
import { hasAsciiLocalPart, withAsciiDomain } from "./ascii-domain.ts";
import { described } from "./described.ts";

/**
 * The fields of requests: what the contract demands of an event, demanded at the door. Limits and patterns are the
 * contract's own; a value that got past here and not into an event would be answered with 500.
 */

/** At most as many characters as the contract lets a field of that name have. */
const atMost = (count: number) => v.maxLength<string, number, string>(count, `expected at most ${count} characters`);

export const appointmentId = described(
  "The appointment; stays the same whatever is changed",
  v.pipe(v.string(), v.check(isUuid, "expected a UUID"), v.toLowerCase(), v.metadata({ format: "uuid" })),
  "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
);

export const doctorId = described(
  "The doctor, by an id of the clinic's choosing",
  v.pipe(
    v.string(),
    v.regex(
      new RegExp(`^[A-Za-z0-9][A-Za-z0-9._~-]{0,${limits.doctorId.maxLength - 1}}$`),
      `expected 1 to ${limits.doctorId.maxLength} letters, digits or . _ ~ -`,
    ),
    v.check((id) => limits.doctorId.pattern.test(id), "expected an id as the contract of the events has it"),
  ),
  "dr-lovelace",
);

export const version = described(
  "Counts the changes; the ETag says the same",
  v.pipe(v.number(), v.integer(), v.minValue(1)),
);

export const status = described("The status of the appointment, in FHIR's words", v.picklist(statuses), "booked");

export const email = v.pipe(
  v.string(),
  atMost(Math.min(limits.patientEmail.maxLength, limits.email.maxLength)),
  v.check(hasAsciiLocalPart, "expected ASCII characters before the @: no mail can be sent to others"),
  v.transform(withAsciiDomain),
  v.check(isEmail, "expected an e-mail address, at most 64 characters before the @ and 63 between dots after it"),
  v.metadata({ format: "idn-email" }),
);

/** An address in an answer. */
export const keptEmail = v.pipe(v.string(), v.metadata({ format: "email" }));

export const phone = v.pipe(
  v.string(),
  v.regex(limits.patientPhone.pattern, "expected an E.164 number such as +4930123456"),
);

export const patientEmail = described(
  "Where the patient gets mails; an internationalised domain is kept in its ASCII form (xn--…)",
  email,
  "ada@example.org",
);

export const patientPhone = described("Where the patient gets text messages, in E.164's form", phone, "+4930123456");

/** One line, and nothing that turns its direction. */
export const personName = v.pipe(
  v.string(),
  atMost(Math.min(limits.patientName.maxLength, limits.name.maxLength)),
  v.regex(
    // deno-lint-ignore no-control-regex
    /^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$/u,
    "expected one line without control characters",
  ),
  v.regex(/\S/, "expected a name"),
  v.check((name) => limits.patientName.pattern.test(name), "expected a name as the contract of the events has it"),
);

export const patientName = described(
  "The patient's name, which the doctor's mails contain. Personal data",
  personName,
  "Ada King",
);

export const locale = described(
  "The language of the patient's mails and text messages, as a language tag",
  v.pipe(
    v.string(),
    atMost(limits.locale.maxLength),
    v.regex(limits.locale.pattern, "expected a language tag such as de or pt-BR"),
  ),
  "de",
);

export const durationMinutes = described(
  "How long the visit takes, in minutes",
  v.pipe(
    v.number("expected a number"),
    v.integer("expected a whole number of minutes"),
    v.minValue(limits.durationMinutes.minimum, `expected at least ${limits.durationMinutes.minimum} minutes`),
    v.maxValue(limits.durationMinutes.maximum, `expected at most ${limits.durationMinutes.maximum} minutes`),
  ),
  30,
);

const zone = v.pipe(
  v.string(),
  v.maxLength(limits.timeZone.maxLength, "expected an IANA time zone such as Europe/Berlin"),
  v.check((name) => canonicalTimeZone(name) !== undefined, "expected an IANA time zone such as Europe/Berlin"),
  v.transform((name) => canonicalTimeZone(name) as string),
);

export const timeZone = described("The IANA time zone of its local times", zone, "Europe/Berlin");

// Within these a local date has four digits, whatever the offset, and PostgreSQL can keep it.
const firstInstant = Temporal.Instant.from("0001-01-02T00:00:00Z");
const lastInstant = Temporal.Instant.from("9998-12-31T00:00:00Z");

function isStorable(text: string): boolean {
  const { compare } = Temporal.Instant;
  return compare(text, firstInstant) > 0 && compare(text, lastInstant) < 0;
}

/** RFC 3339 with offset, as the pattern narrows it; what is finer is refused, not cut off. */
const written = (pattern: RegExp, expected: string, example: string) =>
  v.pipe(
    v.string(),
    v.check(isDateTime, `expected an RFC 3339 date and time with offset such as ${example}`),
    v.regex(pattern, expected),
    v.check(isStorable, "expected a year from 1 to 9998"),
    v.metadata({ format: "date-time", examples: [example] }),
  );

const toDate = (text: string) => new Date(Temporal.Instant.from(text).epochMilliseconds);

const toTheMillisecond = written(
  /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,3}0{0,6})?([Zz]|[+-]\d{2}:\d{2})$/,
  "expected nothing finer than milliseconds",
  // In a URL as well, where a + would have to be encoded.
  "2030-12-02T09:00:00Z",
);
export const instant = v.pipe(toTheMillisecond, v.transform(toDate));

const toTheMinute = written(
  /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:00(\.0{1,9})?([Zz]|[+-]\d{2}:\d{2})$/,
  "expected a whole minute: visits begin at no seconds or fractions of one",
  "2030-12-02T10:00:00+01:00",
);

/** Keeps how the start of a visit was written: its offset says which clock the caller has in mind. */
export const start = described(
  "When the visit begins: a whole minute, with the offset of the clock that is meant",
  v.pipe(toTheMinute, v.transform((text) => ({ at: toDate(text), text }))),
);

export const cancelledBy = described("Who cancelled it", v.picklist(cancellers), "patient");

export const reasonCode = described(
  "Why, as a code of the clinic's choosing",
  v.pipe(
    v.string(),
    v.regex(limits.reasonCode.pattern, "expected a code such as feeling-better, never free text"),
  ),
  "feeling-better",
);

const dateTime = v.pipe(v.string(), v.metadata({ format: "date-time" }));

/** An instant in an answer. */
export const moment = (description: string) => described(description, dateTime);

export const createdAt = moment("When it was made");
export const updatedAt = moment("When it was last changed");
