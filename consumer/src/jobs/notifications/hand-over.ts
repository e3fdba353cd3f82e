import type { Refusal } from "../../outgoing/refusal.ts";

/**
 * What came of handing something to another system:
 * `accepted`: it said so; `rejected`: it will never take this one; `deferred`: it did not take this one now;
 * `unavailable`: it was not reached or serves nobody now, and proves to have taken nothing; with a refusal, it will go on
 * so until somebody changes a configuration; `retryAfterMs` is for how long it asks not to be called;
 * `unknown`: the connection was lost after it may have taken it.
 */
export type HandOver =
  | {
    kind: "accepted";
    /** What the other side answered, or calls it. */
    reference?: string;
    /** SHA-256, in hex, of what it took. */
    contentHash?: string;
  }
  | { kind: "rejected"; reason: string }
  | { kind: "deferred"; reason: string }
  | { kind: "unavailable"; reason: string; refusal?: Refusal; retryAfterMs?: number }
  | { kind: "unknown"; reason: string };
