import * as v from "valibot";
import { isDate } from "../formats.ts";
import { fieldLimits } from "../generated/field-limits.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";

export const name = described(
  "As patients know the doctor",
  fields.personName,
  "Dr. Ada Lovelace",
);
export const email = described(
  "Where the doctor gets mails; an internationalised domain is kept in its ASCII form (xn--…)",
  fields.email,
  "lovelace@clinic.example",
);
export const phone = described("Where the doctor gets text messages, in E.164's form", fields.phone, "+4930123456");
export const timeZone = described("The IANA time zone of the working hours", fields.timeZone, "Europe/Berlin");

const start = described(
  "Local time, HH:MM",
  v.pipe(v.string(), v.regex(fieldLimits.localTime.pattern, "expected a time such as 09:00")),
  "09:00",
);
const end = described(
  "Local time, HH:MM; 24:00 is the end of the day",
  v.pipe(v.string(), v.regex(fieldLimits.localEndTime.pattern, "expected a time such as 17:00")),
  "17:00",
);

const dayInterval = v.pipe(
  v.strictObject({ start, end }),
  v.check(({ start, end }) => start < end, "expected an end after the start"),
);

const weekday = described(
  "1 is Monday, 7 is Sunday",
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(fieldLimits.weekday.minimum),
    v.maxValue(fieldLimits.weekday.maximum),
  ),
  1,
);

export const workingHours = described(
  "The hours of every week; an empty list means at any time",
  v.pipe(
    v.array(
      v.pipe(
        v.strictObject({ weekday, start, end }),
        v.check(({ start, end }) => start < end, "expected an end after the start"),
      ),
    ),
    v.maxLength(fieldLimits.workingHours.maxItems),
  ),
);

export const date = described(
  "The day, in the doctor's time zone",
  v.pipe(v.string(), v.check(isDate, "expected a date such as 2026-12-24"), v.metadata({ format: "date" })),
  "2030-12-24",
);

const intervals = described(
  "The hours of that day in place of the weekly ones; an empty list means away",
  v.pipe(v.array(dayInterval), v.maxLength(fieldLimits.intervals.maxItems)),
);

export const exceptions = described(
  "Days with other hours than those of the week",
  v.pipe(v.array(v.strictObject({ date, intervals })), v.maxLength(fieldLimits.exceptions.maxItems)),
);
