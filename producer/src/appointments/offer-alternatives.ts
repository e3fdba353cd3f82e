import { type Appointment, endOf } from "../domain/appointment.ts";
import { DomainError } from "../domain/domain-error.ts";
import { nearestSlots } from "../domain/free-slots.ts";
import type { FindDoctor } from "../domain/ports.ts";
import type { Interval } from "../domain/working-time.ts";
import type { Sql } from "../postgres/database.ts";
import { findFreeSlots } from "./find-free-slots.ts";
import { presentSlots } from "./present-slots.ts";

const offered = 3;
/** How far to look, before and after: farther only where too little is free. */
const reachDays = [7, 30, 90];

export type Wanted = {
  readonly doctorId: string;
  readonly startsAt: Date;
  readonly durationMinutes: number;
  /** The visit that was to be moved there: its own time is free to it. */
  readonly moving?: Appointment | undefined;
};

export type AlternativesDeps = { sql: Sql; findDoctor: FindDoctor; now: () => Date };

/** Where a wanted time is not to be had, the refusal names the nearest that are. */
export async function offeringAlternatives<T>(
  deps: AlternativesDeps,
  wanted: () => Wanted,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const isTaken = error instanceof DomainError && ["slot-unavailable", "outside-working-hours"].includes(error.code);
    if (!isTaken) throw error;
    const alternatives = await findAlternatives(deps, wanted());
    const { code, message, details, faults } = error;
    throw new DomainError(code, message, { details: { ...details, alternatives }, faults, cause: error });
  }
}

async function findAlternatives({ sql, findDoctor, now }: AlternativesDeps, wanted: Wanted) {
  const doctor = await findDoctor(wanted.doctorId);
  if (!doctor) return [];
  const { durationMinutes } = wanted;
  const start = wanted.startsAt.getTime();
  let slots: Interval[] = [];
  for (const days of reachDays) {
    const reachMs = days * 86_400_000;
    const free = await findFreeSlots(sql, {
      doctor,
      range: { from: start - reachMs, to: start + reachMs },
      now: now(),
      durationMinutes,
      stepMinutes: durationMinutes,
      moving: wanted.moving?.id,
    });
    slots = free.filter((slot) => !isWhereItIs(slot, wanted));
    if (slots.length >= offered) break;
  }
  return presentSlots(nearestSlots(slots, start, offered), doctor.timeZone);
}

function isWhereItIs(slot: Interval, { doctorId, moving }: Wanted): boolean {
  return moving?.doctorId === doctorId && slot.from === moving.startsAt.getTime() &&
    slot.to === endOf(moving).getTime();
}
