import { UsageError } from "./command.ts";

/** The value of an option that is a time; throws a UsageError where it is none. */
export function timeOf(name: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const time = new Date(value);
  if (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(time.getTime())) return time;
  throw new UsageError(`--${name} ${value} is not an RFC 3339 time, such as 2026-03-01T08:00:00Z`);
}
