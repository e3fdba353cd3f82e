import * as v from "valibot";
import { createFormatLocal } from "../domain/local-time.ts";
import type { Interval } from "../domain/working-time.ts";
import * as fields from "../http/fields.ts";

const end = fields.moment("When it would be over");

export const slotOfDoctorView = v.pipe(
  v.strictObject({
    doctorId: fields.doctorId,
    start: fields.moment("When the visit would begin, in the time zone that was asked for, else the doctor's"),
    end,
  }),
  v.metadata({ ref: "SlotOfDoctor" }),
);

export const slotView = v.pipe(
  v.strictObject({
    start: fields.moment("When the visit would begin, with the offset of the doctor's time zone"),
    end,
  }),
  v.metadata({ ref: "Slot" }),
);

export function presentSlots(slots: readonly Interval[], timeZone: string): v.InferOutput<typeof slotView>[] {
  const format = createFormatLocal(timeZone);
  return slots.map(({ from, to }) => ({ start: format(new Date(from)), end: format(new Date(to)) }));
}
