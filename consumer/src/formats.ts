/**
 * The string formats of the contract, for the generated schemas. They agree with ajv-formats, except that they refuse
 * what other parts of the system could not read: a leap second (Date), more than nine digits of a second's fraction
 * (Temporal), a space instead of the T, an offset without colon, a UUID with `urn:uuid:` in front (PostgreSQL), and an
 * address that is longer than mail servers take.
 */

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const LOCAL_PART = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const DOMAIN_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const EMAIL = new RegExp(
  `^(?=.{1,64}@)${LOCAL_PART}(?:\\.${LOCAL_PART})*@(?:${DOMAIN_LABEL}\\.)+${DOMAIN_LABEL}$`,
  "i",
);

/** RFC 3339 full-date that is in the calendar. */
export function isDate(value: string): boolean {
  const match = DATE.exec(value);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** RFC 3339 date-time: a day that is in the calendar, a time, and always an offset. */
export function isDateTime(value: string): boolean {
  const match = DATE_TIME.exec(value);
  return match !== null && isDate(match[1] ?? "");
}

/** Any UUID of RFC 9562's textual form, of whatever version. */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}

/**
 * An ASCII mailbox at a domain name with at least one dot, of the lengths that RFC 5321, 4.5.3.1, and RFC 1035 allow; no
 * quoted local part, no comment, no address literal.
 */
export function isEmail(value: string): boolean {
  return value.length <= 254 && EMAIL.test(value);
}

/** The Gregorian calendar repeats every 400 years, and Date.UTC reads years below 100 as 19xx. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
