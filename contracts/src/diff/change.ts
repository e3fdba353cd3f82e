import { PRODUCER_DOCUMENT, type SentEvent } from "../contract.ts";
import type { Json, Path } from "../json.ts";
import { lesser, type Rule } from "./lesser.ts";

export type Verdict = "MAJOR" | "MINOR" | "PATCH";

export const VERDICTS: readonly Verdict[] = ["MAJOR", "MINOR", "PATCH"];

/** One difference between two versions of the contract, with what it means. */
export interface Change {
  verdict: Verdict;
  /** Why it is less than MAJOR. */
  rule?: Rule;
  /** The document that says it. */
  document: string;
  /** Where the new effective document says it; what is gone, where it was. */
  path: Path;
  /** `payload.patientEmail no longer required`. */
  what: string;
  /** The event that it is about, if it is about one. */
  event?: string;
  /** The jobs that it breaks, and what of theirs. */
  breaks: { job: string; place: string }[];
  /** Why, or what to do, where the jobs alone do not tell. */
  because?: string;
  /** What a new line of the changelog has to name, where words that say what something means have changed. */
  meaningOf?: string;
}

/** A change in what is said of an event, which so far breaks no job. */
export function eventChange(event: SentEvent, path: Path, what: string, rule?: Rule): Change {
  const change = rule === undefined
    ? { verdict: "MAJOR" as const, document: PRODUCER_DOCUMENT, path, what, breaks: [] }
    : lesser(rule, PRODUCER_DOCUMENT, path, what);
  return { ...change, event: event.eventName };
}

export function show(value: Json | undefined): string {
  return value === undefined ? "none" : typeof value === "string" ? value : JSON.stringify(value);
}
