import { type Context, Hono } from "hono";
import * as v from "valibot";
import { createSemaphore } from "../../delivery/semaphore.ts";
import { isDateTime } from "../../formats.ts";
import { eventNames } from "../../generated/events.ts";
import { jobs } from "../../generated/jobs.ts";
import { requireKey } from "../../ops/access/require-key.ts";
import type { OpsKey } from "../../ops/access/keyring.ts";
import { createLocalTimes } from "./local-times.ts";
import { findFreeSlots } from "./search.ts";
import type { AvailabilityReader } from "./availability-reader.ts";
import { isUnavailable } from "../../postgres/failure-kind.ts";

const maxLimit = 1_000;
/** So many are answered at a time, since the jobs need the process and its connections more; so many wait. */
const maxAtOnce = 2;
const maxWaiting = 100;
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

const cursorBase = 36;

const entries = {
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
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,4}$/, "must be a whole number"),
      v.transform(Number),
      v.minValue(1, "must be at least 1"),
      v.maxValue(maxLimit, `must be at most ${maxLimit}`),
    ),
    "200",
  ),
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^-?[0-9a-z]{1,10}$/, "must be the next of an earlier answer"),
      v.transform((text) => Number.parseInt(text, cursorBase)),
    ),
  ),
};

const querySchema = v.pipe(
  v.strictObject(entries),
  v.forward(v.check(({ from, to }) => from < to, "must be after from"), ["to"]),
  v.forward(
    v.check(
      ({ from, to, cursor }) => cursor === undefined || from <= cursor && cursor < to,
      "must be the next of an answer to the same from and to",
    ),
    ["cursor"],
  ),
  v.forward(v.check(({ from, to }) => to - from <= longestRangeMs, "must be at most 31 days after from"), ["to"]),
);

export interface AvailabilityAppDependencies {
  reader: AvailabilityReader;
  now: () => Date;
  keys: readonly OpsKey[];
}

/**
 * `GET /v1/doctors/{id}/availability?from&to&durationMinutes&limit&cursor`: a doctor's free slots that are still to come, in
 * the doctor's local time, for whoever has a key with the scope `availability:read`.
 */
export function createAvailabilityApp({ reader, now, keys }: AvailabilityAppDependencies): Hono {
  const app = new Hono();
  const turns = createSemaphore(maxAtOnce);
  let present = 0;

  /** Waits for a turn, where not too many do. */
  async function inTurn<Result>(task: () => Promise<Result>): Promise<Result | "unavailable"> {
    if (present >= maxAtOnce + maxWaiting) return "unavailable";
    present += 1;
    try {
      return await turns.run(1, task);
    } catch (error) {
      if (isUnavailable(error)) return "unavailable";
      throw error;
    } finally {
      present -= 1;
    }
  }

  app.get("/v1/doctors/:doctorId/availability", requireKey(keys, "availability:read"), async (context) => {
    const query = v.safeParse(querySchema, context.req.query());
    if (!query.success) {
      const errors = query.issues.map((issue) => {
        const name = String(issue.path?.[0]?.key);
        const known = Object.hasOwn(entries, name);
        return { in: "query", pointer: `#/${name}`, detail: known ? issue.message : "is not known" };
      });
      return problem(context, 400, "invalid-value", "A value is not acceptable", { errors });
    }

    const doctorId = context.req.param("doctorId");
    const { from, to, durationMinutes, limit, cursor } = query.output;
    if (!v.is(doctorIdSchema, doctorId)) return noSuchDoctor(context);
    const range = { start: cursor ?? from, end: to };
    const found = await inTurn(() => findFreeSlots(reader, doctorId, range, durationMinutes, { now: now(), limit }));
    if (found === "unavailable") {
      context.header("retry-after", "1");
      return problem(context, 503, "unavailable", "The service can't answer at the moment");
    }
    if (!found) return noSuchDoctor(context);

    const local = createLocalTimes(found.timeZone);
    return context.json({
      doctorId,
      timeZone: found.timeZone,
      durationMinutes,
      slots: found.slots.map(({ start, end }) => ({ start: local(start), end: local(end) })),
      ...(found.next !== undefined && { next: found.next.toString(cursorBase) }),
    });
  });

  return app;
}

const noSuchDoctor = (context: Context) => problem(context, 404, "doctor-not-found", "There is no such doctor");

function problem(context: Context, status: 400 | 404 | 503, code: string, title: string, members: object = {}) {
  const body = JSON.stringify({ type: `/problems/${code}`, title, status, ...members });
  return context.body(body, status, { "content-type": "application/problem+json" });
}
