import { Temporal } from "temporal-polyfill";

type Media = { example?: unknown };
type Operation = { parameters?: Media[]; requestBody?: { content: Record<string, Media> } };
type Document = { paths: Record<string, Record<string, Operation>> };

/** The first day of the examples, a Monday; the doctor of the examples works on Mondays. */
const firstDay = Temporal.PlainDate.from("2030-12-02");
/** Where the examples are. */
const timeZone = "Europe/Berlin";

/**
 * The document with the dates of what is sent moved to another Monday, so that they lie in the future whenever it is
 * read. Times of day, and what lies between two dates, stay.
 */
export function moveExamples<D extends object>(document: D, now: Date, weeksAhead: number): D {
  const moved = structuredClone(document) as D & Document;
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  const weeks = Math.ceil(firstDay.until(today).days / 7) + weeksAhead;
  const operations = Object.values(moved.paths).flatMap((item) => Object.values(item));
  for (const { parameters = [], requestBody } of operations) {
    for (const one of [...parameters, ...Object.values(requestBody?.content ?? {})]) {
      if (one.example !== undefined) one.example = move(one.example, weeks);
    }
  }
  return moved;
}

function move(value: unknown, weeks: number): unknown {
  if (typeof value === "string") return moveText(value, weeks);
  if (Array.isArray(value)) return value.map((one) => move(one, weeks));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, move(one, weeks)]));
}

function moveText(text: string, weeks: number): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return Temporal.PlainDate.from(text).add({ weeks }).toString();
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return text;
  const zone = text.endsWith("Z") ? "UTC" : timeZone;
  const moved = Temporal.Instant.from(text).toZonedDateTimeISO(zone).add({ weeks });
  return zone === "UTC" ? moved.toInstant().toString() : moved.toString({ timeZoneName: "never" });
}
