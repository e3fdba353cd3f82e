/**
 * What came of handing something to another system:
 * `accepted`: it said so; `rejected`: it will never take this one; `deferred`: it did not take this one now;
 * `unavailable`: it was not reached or serves nobody now, and proves to have taken nothing;
 * `unknown`: the connection was lost after it may have taken it.
 */
export type HandOver =
  | { kind: "accepted"; reference?: string }
  | { kind: "rejected"; reason: string }
  | { kind: "deferred"; reason: string }
  | { kind: "unavailable"; reason: string }
  | { kind: "unknown"; reason: string };
