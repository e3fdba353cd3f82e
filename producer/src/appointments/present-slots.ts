import type * as v from "valibot";
import { formatLocal } from "../domain/local-time.ts";
import type { Interval } from "../domain/working-time.ts";
import type { slot } from "../http/slot.ts";

export function presentSlots(slots: readonly Interval[], timeZone: string): v.InferOutput<typeof slot>[] {
  return slots.map(({ from, to }) => ({
    start: formatLocal(new Date(from), timeZone),
    end: formatLocal(new Date(to), timeZone),
  }));
}
