import * as v from "valibot";
import { createFormatLocal } from "../domain/local-time.ts";
import type { Interval } from "../domain/working-time.ts";
import * as fields from "../http/fields.ts";

export const slotView = v.pipe(
  v.strictObject({
    start: fields.moment("When the visit would begin, with the offset of the doctor's time zone"),
    end: fields.moment("When it would be over"),
  }),
  v.metadata({ ref: "Slot" }),
);

export function presentSlots(slots: readonly Interval[], timeZone: string): v.InferOutput<typeof slotView>[] {
  const format = createFormatLocal(timeZone);
  return slots.map(({ from, to }) => ({ start: format(new Date(from)), end: format(new Date(to)) }));
}
