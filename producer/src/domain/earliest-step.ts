import { Temporal } from "temporal-polyfill";
import type { Appointment } from "./appointment.ts";

/** How long before its visit a patient may be taken as arrived; "local-day" is from the first instant of the visit's day. */
export type ArriveLead = "local-day" | { readonly minutes: number };

/** From when on a step of a visit's course may be taken: what happens at a visit does not happen before it. */
export function earliestStep(
  step: "arrive" | "complete" | "no-show",
  { startsAt, timeZone }: Pick<Appointment, "startsAt" | "timeZone">,
  arriveLead: ArriveLead,
): Date {
  if (step !== "arrive") return startsAt;
  if (arriveLead !== "local-day") return new Date(startsAt.getTime() - arriveLead.minutes * 60_000);
  const start = Temporal.Instant.fromEpochMilliseconds(startsAt.getTime()).toZonedDateTimeISO(timeZone);
  return new Date(start.startOfDay().epochMilliseconds);
}
