import * as v from "valibot";
import { fieldLimits } from "../generated/field-limits.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";

const maxDoctors = 20;

const slotOfDoctorView = v.pipe(
  v.strictObject({
    doctorId: fields.doctorId,
    start: fields.moment("When the visit would begin, in the time zone that was asked for, else the doctor's"),
    end: fields.moment("When it would be over"),
  }),
  v.metadata({ ref: "SlotOfDoctor" }),
);

const { minimum, maximum } = fieldLimits.durationMinutes;

const minutesIn = (minimum: number, maximum: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,4}$/, "expected a whole number of minutes"),
    v.transform(Number),
    v.minValue(minimum, `expected at least ${minimum} minutes`),
    v.maxValue(maximum, `expected at most ${maximum} minutes`),
    v.metadata({ type: "integer", minimum, maximum }),
  );

const doctorIds = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}(,[A-Za-z0-9][A-Za-z0-9._~-]{0,63}){0,19}$/,
    `expected 1 to ${maxDoctors} ids of doctors with commas between`,
  ),
  v.transform((list) => [...new Set(list.split(","))]),
);

export const listSlots = operation({
  tag: "Doctors",
  operationId: "listSlotsOfDoctors",
  method: "get",
  path: "/v1/slots",
  summary: "List the free slots of several doctors",
  description:
    "Slots that begin from `from` (inclusive) to `to` (exclusive) and after now: at most 31 days of up to 5 doctors, at " +
    "most 7 days of more. The earliest come first. From the start of each interval of the working hours, or from every " +
    "midnight where there are none, a slot may begin every `stepMinutes`.",
  scope: "appointments:read",
  query: v.strictObject({
    doctorId: described(`The doctors, with commas between; at most ${maxDoctors}`, doctorIds, "dr-lovelace"),
    from: described("Slots that begin at this instant or later", fields.instant, "2030-12-02T00:00:00Z"),
    to: described("Slots that begin before this instant", fields.instant, "2030-12-03T00:00:00Z"),
    durationMinutes: v.optional(
      described("How long the visit takes, in minutes; 30 where it is not given", minutesIn(minimum, maximum), 30),
    ),
    stepMinutes: v.optional(
      described(
        "How many minutes lie between the beginnings of two slots; durationMinutes where it is not given",
        minutesIn(minimum, maximum),
        15,
      ),
    ),
    timeZone: v.optional(
      described("In whose local time the slots are written; each doctor's where it is not given", fields.timeZone),
    ),
    moving: v.optional(
      described("An appointment that is to be moved: its own time counts as free", fields.appointmentId),
    ),
  }),
  success: {
    200: {
      description: "The slots in order",
      schema: v.pipe(
        v.strictObject({ items: described("The slots, the earliest first", v.array(slotOfDoctorView)) }),
        v.metadata({ ref: "SlotsOfDoctors" }),
      ),
      example: {
        items: [
          { doctorId: "dr-hopper", start: "2030-12-02T09:00:00+01:00", end: "2030-12-02T09:30:00+01:00" },
          { doctorId: "dr-lovelace", start: "2030-12-02T09:00:00+01:00", end: "2030-12-02T09:30:00+01:00" },
        ],
      },
    },
  },
  problems: ["unknown-doctor", "invalid-value"],
});
