import fc from "fast-check";
import type { Walk } from "../../src/services.ts";
import type { WireViolation } from "../../src/wire/wire-violations.ts";
import { bookingKinds } from "./booking-kinds.ts";
import { compareEvents } from "./compare.ts";
import { contactProblemKinds } from "./contact-problem-kinds.ts";
import { addPlainDoctor, doctorKinds } from "./doctor-kinds.ts";
import { cancels, takesStep, visitKinds } from "./visit-kinds.ts";
import type { Kind, WalkCommand } from "./walk-command.ts";
import type { TakeMessages } from "./walk.ts";
import { createClinic, type Producer, type WalkedClinic } from "./walked-clinic.ts";
import { violationsOf } from "./wrong-meaning.ts";

const all = [...doctorKinds, ...bookingKinds, ...visitKinds, ...contactProblemKinds];

/** Doctors to begin with: what changes them needs one, and a visit that moves two. */
export const beginning: Kind[] = [named("doctor: add with everything"), addPlainDoctor, addPlainDoctor];

/** Paths to each status of a visit, from its booking. */
const paths: Record<string, Kind[]> = {
  booked: [],
  arrived: [takesStep.arrive],
  fulfilled: [takesStep.arrive, takesStep.complete],
  // With a change before that nobody is told of, so that ETag and aggregateVersion differ.
  noshow: [named("contact: notes alone"), takesStep["no-show"]],
  cancelled: [cancels],
};

/** Every command from every state. What is wrong with one part of it would be wrong with the next, so that is not begun. */
export async function sweep(producer: Producer, take: TakeMessages, seed: number): Promise<Walk> {
  const clinic = createClinic(producer);
  let drawn = 0;
  const run = (one: Kind) => draw(one, seed * 1_000 + drawn++).run(clinic, producer);
  const violations: WireViolation[] = [];
  let compared = 0;
  for (const part of [...doctorParts(clinic, run), ...visitParts(clinic, run)]) {
    try {
      await part();
    } catch (error) {
      violations.push(...violationsOf(error));
    }
    violations.push(...compareEvents(clinic.expected.slice(compared), await take()));
    if (violations.length > 0) break;
    compared = clinic.expected.length;
    // The next part has aggregates of its own.
    clinic.visits = [];
    clinic.doctors = [];
  }
  return { covered: clinic.covered, runs: 0, events: clinic.expected.length, violations };
}

type Part = () => Promise<void>;

/** What is done to a doctor or with one, who is active or retired. */
function doctorParts(clinic: WalkedClinic, run: (one: Kind) => Promise<void>): Part[] {
  return [false, true].map((retired) => async () => {
    for (const one of [...doctorKinds, ...bookingKinds]) {
      if (clinic.doctors.at(-1)?.retired !== retired || doctorKinds.includes(one)) await run(addPlainDoctor);
      if (clinic.doctors.at(-1)?.retired !== retired) await run(named("doctor: retire"));
      await run(one);
    }
  });
}

/** What is done to a visit, in each status. One that a command left as it was is there for the next. */
function visitParts(clinic: WalkedClinic, run: (one: Kind) => Promise<void>): Part[] {
  return Object.values(paths).map((path) => async () => {
    for (const one of beginning) await run(one);
    let untouched: unknown;
    for (const one of [...visitKinds, ...contactProblemKinds]) {
      if (untouched === undefined || clinic.visits.at(-1) !== untouched) {
        await run(named("book: with the whole contact"));
        for (const before of path) await run(before);
        untouched = clinic.visits.at(-1);
      }
      await run(one);
    }
  });
}

function named(name: string): Kind {
  return all.find((one) => one.name === name) as Kind;
}

/** A command of that kind, of the latest doctor or visit, which does take place: its ETag is right. */
export function draw(one: Kind, seed: number): WalkCommand {
  const commands = fc.sample(one.commands(fc.constant(Infinity)), { numRuns: 20, seed });
  return commands.find((command) => !String(command).includes('"stale":true')) as WalkCommand;
}
