import { type Context, Hono } from "hono";
import { Temporal } from "temporal-polyfill";
import * as v from "valibot";
import { isDateTime } from "../../formats.ts";
import { eventNames } from "../../generated/events.ts";
import { jobs } from "../../generated/jobs.ts";
import { findFreeSlots } from "./search.ts";
import type { AvailabilityReader } from "./availability-reader.ts";
import { isUnavailable } from "../../postgres/failure-kind.ts";

const longestRangeMs = 31 * 24 * 60 * 60_000;

/** The database knows no year 0, and what it is asked for has years of four digits, the end of the last slot included. */
const firstTime = Date.parse("0001-01-01T00:00:00Z");
const lastTime = Date.parse("9999-12-31T00:00:00Z");
const doctorIdSchema = jobs.availability.events[eventNames.doctorUpdated].entries.aggregateId;

const time = v.pipe(
  v.string("is missing"),
  v.check(isDateTime, "must be an RFC 3339 date-time with offset; in a URL a + is written %2B"),
  v.transform((text) => Date.parse(text)),
  v.minValue(firstTime, "must not be before the year 1"),
  v.maxValue(lastTime, "must not be after the end of 9999"),
);

const querySchema = v.pipe(
  v.strictObject({
    from: time,
    to: time,
    durationMinutes: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^\d{1,3}$/, "must be a whole number"),
        v.transform(Number),
        v.minValue(5, "must be at least 5"),
        v.maxValue(480, "must be at most 480"),
      ),
      "30",
    ),
  }),
  v.forward(v.check(({ from, to }) => from < to, "must be after from"), ["to"]),
  v.forward(v.check(({ from, to }) => to - from <= longestRangeMs, "must be at most 31 days after from"), ["to"]),
);

/**
 * `GET /v1/doctors/{id}/availability?from&to&durationMinutes`: a doctor's free slots that are still to come, in the
 * doctor's local time.
 */
export function createAvailabilityApp({ reader, now }: { reader: AvailabilityReader; now: () => Date }): Hono {
  const app = new Hono();

  app.get("/v1/doctors/:doctorId/availability", async (context) => {
    const query = v.safeParse(querySchema, context.req.query());
    if (!query.success) {
      const errors = query.issues.map((issue) => {
        const name = String(issue.path?.[0]?.key);
        const known = name in { from: 0, to: 0, durationMinutes: 0 };
        return { in: "query", pointer: `#/${name}`, detail: known ? issue.message : "is not known" };
      });
      return problem(context, 400, "invalid-value", "A value is not acceptable", { errors });
    }

    const doctorId = context.req.param("doctorId");
    const { from, to, durationMinutes } = query.output;
    if (!v.is(doctorIdSchema, doctorId)) return noSuchDoctor(context);
    const answer = findFreeSlots(reader, doctorId, { start: from, end: to }, durationMinutes, now());
    const found = await answer.catch((error) => {
      if (isUnavailable(error)) return "unavailable" as const;
      throw error;
    });
    if (found === "unavailable") {
      context.header("retry-after", "1");
      return problem(context, 503, "unavailable", "The service can't answer at the moment");
    }
    if (!found) return noSuchDoctor(context);

    const local = (at: number) =>
      Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(found.timeZone)
        .toString({ timeZoneName: "never", smallestUnit: "second" });
    return context.json({
      doctorId,
      timeZone: found.timeZone,
      durationMinutes,
      slots: found.slots.map(({ start, end }) => ({ start: local(start), end: local(end) })),
    });
  });

  return app;
}

const noSuchDoctor = (context: Context) => problem(context, 404, "doctor-not-found", "There is no such doctor");

function problem(context: Context, status: 400 | 404 | 503, code: string, title: string, members: object = {}) {
  const body = JSON.stringify({ type: `/problems/${code}`, title, status, ...members });
  return context.body(body, status, { "content-type": "application/problem+json" });
}
