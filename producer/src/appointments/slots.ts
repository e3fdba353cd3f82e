import type { Doctor } from "../domain/doctor.ts";
import type { FindDoctor } from "../domain/ports.ts";
import type { Interval } from "../domain/working-time.ts";
import { malformed, pointerTo, RequestError } from "../http/request-error.ts";
import { serve, type Served } from "../http/serve-operation.ts";
import type { Sql } from "../postgres/database.ts";
import { appointmentStore } from "./appointment-store.ts";
import { findFreeSlots } from "./find-free-slots.ts";
import { listSlots } from "./slot-operations.ts";
import { presentSlots } from "./present-slots.ts";

const dayMs = 86_400_000;

/** A bound for what one answer holds: slots every five minutes around the clock are 288 a day and doctor. */
const maxDays = (doctors: number) => (doctors > 5 ? 7 : 31);

function requireRange(from: Date, to: Date, doctors: number): Interval {
  const range = { from: from.getTime(), to: to.getTime() };
  const days = maxDays(doctors);
  if (range.to > range.from && range.to - range.from <= days * dayMs) return range;
  const detail = `expected a time after from, by ${days} days at most for so many doctors`;
  throw malformed(`to: ${detail}`, [{ in: "query", pointer: "#/to", detail }]);
}

function unknown(code: "unknown-doctor" | "invalid-value", name: string, what: string): RequestError {
  const errors = [{ in: "query", pointer: pointerTo([name]), detail: "is not known" }];
  return new RequestError(code, `There is no ${what}`, { members: { errors } });
}

export function serveSlots(deps: { sql: Sql; findDoctor: FindDoctor; now: () => Date }): Served[] {
  const { sql, findDoctor, now } = deps;

  async function requireDoctors(ids: readonly string[]): Promise<Doctor[]> {
    const found = await Promise.all(ids.map(findDoctor));
    return found.map((doctor, index) => {
      if (doctor) return doctor;
      throw unknown("unknown-doctor", "doctorId", `doctor ${ids[index]}`);
    });
  }

  return [
    serve(listSlots, async ({ query }) => {
      const { durationMinutes = 30, stepMinutes = durationMinutes, timeZone, moving } = query;
      const range = requireRange(query.from, query.to, query.doctorId.length);
      const doctors = await requireDoctors(query.doctorId);
      if (moving !== undefined && !await appointmentStore.find(sql, moving)) {
        throw unknown("invalid-value", "moving", `appointment ${moving}`);
      }
      const found: { from: number; doctorId: string; start: string; end: string }[] = [];
      for (const doctor of doctors) {
        const slots = await findFreeSlots(sql, { doctor, range, now: now(), durationMinutes, stepMinutes, moving });
        const written = presentSlots(slots, timeZone ?? doctor.timeZone);
        found.push(...written.map((slot, index) => ({ ...slot, from: slots[index]!.from, doctorId: doctor.id })));
      }
      found.sort((a, b) => a.from - b.from || (a.doctorId < b.doctorId ? -1 : 1));
      return { status: 200, body: { items: found.map(({ doctorId, start, end }) => ({ doctorId, start, end })) } };
    }),
  ];
}
