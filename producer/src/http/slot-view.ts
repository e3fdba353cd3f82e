import * as v from "valibot";
import { formatLocal } from "../domain/local-time.ts";
import type { Interval } from "../domain/working-time.ts";
import * as fields from "./fields.ts";

export const slotView = v.pipe(
  v.strictObject({
    start: fields.moment("When the visit would begin, with the offset of the doctor's time zone"),
    end: fields.moment("When it would be over"),
  }),
  v.metadata({ ref: "Slot" }),
);

export function presentSlot({ from, to }: Interval, timeZone: string): v.InferOutput<typeof slotView> {
  return { start: formatLocal(new Date(from), timeZone), end: formatLocal(new Date(to), timeZone) };
}
