import { ServiceFailed } from "../../src/wire/service-failed.ts";
import type { WireViolation } from "../../src/wire/wire-violations.ts";

/** Thrown by a random walk, so that a shorter one is looked for. */
export class WrongMeaning extends Error {
  readonly violations: WireViolation[];

  constructor(violations: WireViolation[]) {
    super(violations.map(({ reason }) => reason).join("; "));
    this.violations = violations;
  }
}

/** What a walk that failed has found; anything but a finding is thrown on. */
export function violationsOf(error: unknown): WireViolation[] {
  if (error instanceof WrongMeaning) return error.violations;
  if (error instanceof ServiceFailed) return [{ pointer: "/operations", reason: error.message }];
  throw error;
}
