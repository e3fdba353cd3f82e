import { Temporal } from "temporal-polyfill";
import * as v from "valibot";
import { canonicalTimeZone } from "../domain/local-time.ts";
import { isDate, isDateTime, isEmail, isUuid } from "../formats.ts";

/** The fields of requests: what the contract demands of an event, demanded at the door. */

export const uuid = v.pipe(
  v.string(),
  v.check(isUuid, "expected a UUID"),
  v.toLowerCase(),
  v.metadata({ format: "uuid" }),
);

export const doctorId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/, "expected 1 to 64 letters, digits or . _ ~ -"),
);

export const email = v.pipe(
  v.string(),
  v.maxLength(254, "expected at most 254 characters"),
  v.check(isEmail, "expected an e-mail address"),
  v.metadata({ format: "email" }),
);

export const phone = v.pipe(
  v.string(),
  v.regex(/^\+[1-9][0-9]{6,14}$/, "expected an E.164 number such as +4930123456"),
);

export const locale = v.pipe(
  v.string(),
  v.maxLength(35, "expected at most 35 characters"),
  v.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "expected a language tag such as de or pt-BR"),
);

export const durationMinutes = v.pipe(
  v.number("expected a number"),
  v.integer("expected a whole number of minutes"),
  v.minValue(5, "expected at least 5 minutes"),
  v.maxValue(480, "expected at most 480 minutes"),
);

export const timeZone = v.pipe(
  v.string(),
  v.maxLength(64, "expected an IANA time zone such as Europe/Berlin"),
  v.check((name) => canonicalTimeZone(name) !== undefined, "expected an IANA time zone such as Europe/Berlin"),
  v.transform((name) => canonicalTimeZone(name) as string),
);

// Within these a local date has four digits, whatever the offset, and PostgreSQL can keep it.
const firstInstant = Temporal.Instant.from("0001-01-02T00:00:00Z");
const lastInstant = Temporal.Instant.from("9998-12-31T00:00:00Z");

function isStorable(text: string): boolean {
  const { compare } = Temporal.Instant;
  return compare(text, firstInstant) > 0 && compare(text, lastInstant) < 0;
}

/** RFC 3339 with offset; what is finer than a millisecond is refused, not cut off. */
const writtenInstant = v.pipe(
  v.string(),
  v.check(isDateTime, "expected an RFC 3339 date and time with offset such as 2026-12-01T10:00:00+01:00"),
  v.check((text) => !/\.\d{3}\d*[1-9]/.test(text), "expected nothing finer than milliseconds"),
  v.check(isStorable, "expected a year from 1 to 9998"),
  v.metadata({ format: "date-time", examples: ["2030-12-02T10:00:00+01:00"] }),
);

const toDate = (text: string) => new Date(Temporal.Instant.from(text).epochMilliseconds);

export const instant = v.pipe(writtenInstant, v.transform(toDate));

/** Keeps how the start of a visit was written: its offset says which clock the caller has in mind. */
export const start = v.pipe(writtenInstant, v.transform((text) => ({ at: toDate(text), text })));

export const date = v.pipe(
  v.string(),
  v.check(isDate, "expected a date such as 2026-12-24"),
  v.metadata({ format: "date" }),
);

const localTime = v.pipe(v.string(), v.regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, "expected a time such as 09:00"));
const localEndTime = v.pipe(
  v.string(),
  v.regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, "expected a time such as 17:00"),
);

export const dayInterval = v.pipe(
  v.strictObject({ start: localTime, end: localEndTime }),
  v.check(({ start, end }) => start < end, "expected an end after the start"),
);

export const workingInterval = v.pipe(
  v.strictObject({
    weekday: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)),
    start: localTime,
    end: localEndTime,
  }),
  v.check(({ start, end }) => start < end, "expected an end after the start"),
);

export const workingException = v.strictObject({ date, intervals: v.pipe(v.array(dayInterval), v.maxLength(24)) });

export const reasonCode = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]{0,63}$/, "expected a code such as feeling-better, never free text"),
);
