import * as v from "valibot";
import { formatLocal } from "../domain/local-time.ts";
import type { Interval } from "../domain/working-time.ts";

export const slotView = v.pipe(
  v.strictObject({
    start: v.pipe(v.string(), v.metadata({ format: "date-time" })),
    end: v.pipe(v.string(), v.metadata({ format: "date-time" })),
  }),
  v.metadata({ ref: "Slot" }),
);

export function presentSlot({ from, to }: Interval, timeZone: string): v.InferOutput<typeof slotView> {
  return { start: formatLocal(new Date(from), timeZone), end: formatLocal(new Date(to), timeZone) };
}
