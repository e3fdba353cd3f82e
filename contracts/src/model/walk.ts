import fc from "fast-check";
import type { WireMessage } from "../wire/capture.ts";
import { ServiceFailed } from "../wire/service-failed.ts";
import type { WireViolation } from "../wire/wire-violations.ts";
import { bookingKinds } from "./booking-kinds.ts";
import { compareEvents } from "./compare.ts";
import { addPlainDoctor, doctorKinds } from "./doctor-kinds.ts";
import { cancels, takesStep, visitKinds } from "./visit-kinds.ts";
import type { Kind, WalkCommand } from "./walk-command.ts";
import { createClinic, type Producer, type WalkedClinic } from "./walked-clinic.ts";

export interface Walk {
  /** Each a command from a state. */
  covered: Set<string>;
  /** Random walks that were done: fewer than were asked for where they took too long. */
  runs: number;
  /** Events that were computed and compared. */
  events: number;
  violations: WireViolation[];
}

export interface WalkOptions {
  seed: number;
  /** How many random walks, after each command has been taken from each state. */
  runs: number;
}

/** What of the wire came since the last time, once all of the outbox has come. */
export type TakeMessages = () => Promise<WireMessage[]>;

const all = [...doctorKinds, ...bookingKinds, ...visitKinds];

/** Doctors to begin with: what changes them needs one, and a visit that moves two. */
const beginning: Kind[] = [named("doctor: add with everything"), addPlainDoctor, addPlainDoctor];

/** Paths to each status of a visit, from its booking. */
const paths: Record<string, Kind[]> = {
  booked: [],
  arrived: [takesStep.arrive],
  fulfilled: [takesStep.arrive, takesStep.complete],
  noshow: [takesStep["no-show"]],
  cancelled: [cancels],
};

/**
 * Takes every command from every state, and then any commands in any order, with random values. What came over the wire
 * is compared with what the model computed from the requests and the states before.
 */
export async function walk(producer: Producer, take: TakeMessages, options: WalkOptions): Promise<Walk> {
  const swept = await sweep(producer, take, options.seed);
  if (swept.violations.length > 0) return swept;
  const result = { ...swept };
  const commands = fc.commands(
    [...doctorKinds, ...bookingKinds, ...bookingKinds, ...visitKinds].map((one) => one.commands(fc.nat(1_000))),
    { maxCommands: 20, size: "max" },
  );
  const property = fc.asyncProperty(fc.nat(1_000_000), commands, async (seed, following) => {
    const clinic = createClinic(producer);
    await settingUp(clinic, producer, seed);
    await fc.asyncModelRun(() => ({ model: clinic, real: producer }), following);
    const violations = compareEvents(clinic.expected, await take());
    clinic.covered.forEach((one) => result.covered.add(one));
    result.events += clinic.expected.length;
    if (violations.length > 0) throw new WrongMeaning(violations);
  });
  const { failed, errorInstance, counterexample, numRuns } = await fc.check(property, {
    seed: options.seed,
    numRuns: options.runs,
    interruptAfterTimeLimit: SHRINKING_MS,
  });
  result.runs = numRuns;
  if (!failed || errorInstance === undefined || errorInstance === null) return result;
  const shortest = String(counterexample?.[1]);
  return {
    ...result,
    violations: violationsOf(errorInstance).map(({ pointer, reason }) => ({
      pointer,
      reason: `${reason}, after ${shortest}`,
    })),
  };
}

/** For the random walks in all, and so for the search for a shorter one that fails. */
const SHRINKING_MS = 60_000;

class WrongMeaning extends Error {
  readonly violations: WireViolation[];

  constructor(violations: WireViolation[]) {
    super(violations.map(({ reason }) => reason).join("; "));
    this.violations = violations;
  }
}

function violationsOf(error: unknown): WireViolation[] {
  if (error instanceof WrongMeaning) return error.violations;
  if (error instanceof ServiceFailed) return [{ pointer: "/operations", reason: error.message }];
  throw error;
}

async function sweep(producer: Producer, take: TakeMessages, seed: number): Promise<Walk> {
  const clinic = createClinic(producer);
  let drawn = 0;
  const run = (one: Kind) => draw(one, seed * 1_000 + drawn++).run(clinic, producer);
  const violations: WireViolation[] = [];
  try {
    for (const retired of [false, true]) {
      for (const one of [...doctorKinds, ...bookingKinds]) {
        await run(addPlainDoctor);
        if (retired) await run(named("doctor: retire"));
        await run(one);
      }
    }
    // The visits' own, so that none of those they move to is retired.
    clinic.doctors = [];
    for (const one of beginning) await run(one);
    for (const path of Object.values(paths)) {
      for (const one of visitKinds) {
        await run(named("doctor: return"));
        await run(named("book: with the whole contact"));
        for (const before of path) await run(before);
        await run(one);
      }
    }
  } catch (error) {
    violations.push(...violationsOf(error));
  }
  violations.push(...compareEvents(clinic.expected, await take()));
  return { covered: clinic.covered, runs: 0, events: clinic.expected.length, violations };
}

function named(name: string): Kind {
  return all.find((one) => one.name === name) as Kind;
}

/** A command of that kind, of the latest doctor or visit, which does take place: its ETag is right. */
function draw(one: Kind, seed: number): WalkCommand {
  const commands = fc.sample(one.commands(fc.constant(Infinity)), { numRuns: 20, seed });
  return commands.find((command) => !String(command).includes('"stale":true')) as WalkCommand;
}

async function settingUp(clinic: WalkedClinic, producer: Producer, seed: number): Promise<void> {
  for (const [index, one] of beginning.entries()) await draw(one, seed + index).run(clinic, producer);
}
