import fc from "fast-check";
import type { Walk, WalkOptions } from "../../src/services.ts";
import type { WireMessage } from "../../src/wire/capture.ts";
import { bookingKinds } from "./booking-kinds.ts";
import { compareEvents } from "./compare.ts";
import { contactProblemKinds } from "./contact-problem-kinds.ts";
import { doctorKinds } from "./doctor-kinds.ts";
import { beginning, draw, sweep } from "./sweep.ts";
import { visitKinds } from "./visit-kinds.ts";
import { createClinic, type Producer, type WalkedClinic } from "./walked-clinic.ts";
import { violationsOf, WrongMeaning } from "./wrong-meaning.ts";

/** What of the wire came since the last time, once all of the outbox has come. */
export type TakeMessages = () => Promise<WireMessage[]>;

/**
 * Takes every command from every state, and then any commands in any order, with random values. What came over the wire
 * is compared with what the model computed from the requests and the states before.
 */
export async function walk(producer: Producer, take: TakeMessages, options: WalkOptions): Promise<Walk> {
  const swept = await sweep(producer, take, options.seed);
  if (swept.violations.length > 0) return swept;
  const result = { ...swept };
  const commands = fc.commands(
    [...doctorKinds, ...bookingKinds, ...bookingKinds, ...visitKinds, ...contactProblemKinds].map((one) =>
      one.commands(fc.nat(1_000))
    ),
    { maxCommands: 20, size: "max" },
  );
  const property = fc.asyncProperty(fc.nat(1_000_000), commands, async (seed, following) => {
    const clinic = createClinic(producer);
    try {
      await settingUp(clinic, producer, seed);
      await fc.asyncModelRun(() => ({ model: clinic, real: producer }), following);
    } catch (error) {
      await take(); // or the next walk would have what this one leaves
      throw error;
    }
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

async function settingUp(clinic: WalkedClinic, producer: Producer, seed: number): Promise<void> {
  for (const [index, one] of beginning.entries()) await draw(one, seed + index).run(clinic, producer);
}
