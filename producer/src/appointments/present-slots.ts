import type * as v from "valibot";
import { createFormatLocal } from "../domain/local-time.ts";
import type { Interval } from "../domain/working-time.ts";
import type { slot } from "../http/slot.ts";

export function presentSlots(slots: readonly Interval[], timeZone: string): v.InferOutput<typeof slot>[] {
  const format = createFormatLocal(timeZone);
  return slots.map(({ from, to }) => ({ start: format(new Date(from)), end: format(new Date(to)) }));
}
