import { DomainError } from "../domain/domain-error.ts";
import { nearestSlots } from "../domain/free-slots.ts";
import type { Sql } from "../postgres/database.ts";
import { doctorStore } from "../postgres/doctor-store.ts";
import { findFreeSlots } from "./find-free-slots.ts";
import { presentSlots } from "./slot-view.ts";

const offered = 3;
const reachMs = 7 * 86_400_000;

/** Where a wanted time is not to be had, the refusal names the nearest that are. */
export async function offeringAlternatives<T>(
  deps: { sql: Sql; now: () => Date },
  wanted: () => { doctorId: string; startsAt: Date; durationMinutes: number },
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const isTaken = error instanceof DomainError && ["slot-unavailable", "outside-working-hours"].includes(error.code);
    if (!isTaken) throw error;
    const alternatives = await findAlternatives(deps, wanted());
    throw new DomainError(error.code, error.message, { ...error.details, alternatives }, { cause: error });
  }
}

async function findAlternatives(
  { sql, now }: { sql: Sql; now: () => Date },
  wanted: { doctorId: string; startsAt: Date; durationMinutes: number },
) {
  const doctor = await doctorStore.find(sql, wanted.doctorId);
  if (!doctor) return [];
  const start = wanted.startsAt.getTime();
  const range = { from: Math.max(now().getTime(), start - reachMs), to: start + reachMs };
  const slots = await findFreeSlots(sql, doctor, range, wanted.durationMinutes);
  return presentSlots(nearestSlots(slots, start, offered), doctor.timeZone);
}
