/**
 * `done`; `waiting`: for what it is not late for; `planned`: its time is to come; `stuck`: for longer than it should; `failed`: a person has to decide;
 * `unknown`: nobody can tell; `void`: given up on purpose, or not wanted any more.
 */
export type StepState = "done" | "waiting" | "planned" | "stuck" | "failed" | "unknown" | "void";

export interface AuditedRow {
  eventKey: string;
  position: number;
}

/** One thing that happened to an event, or has yet to. */
export interface Step {
  /** `producer`, or the name of the job that it belongs to. */
  part: string;
  what: string;
  state: StepState;
  at: string | null;
  /** After the event was told. */
  lagMs: number | null;
  attempts: number | null;
  detail: string | null;
  /** What an open step waits for, and since when. */
  waitsFor: string | null;
  since: string | null;
  /** What proves it, by name. */
  proof: Record<string, string>;
  /** The sealed row of the audit trail that tells of it, of which there is a receipt. */
  receipt: AuditedRow | null;
  /** The dead letter or send that it is about. */
  deadLetter: string | null;
  send: string | null;
}

/** An event and all that came of it, in the order of time. */
export interface EventTimeline {
  eventKey: string;
  eventName: string | null;
  version: number | null;
  actor: string | null;
  correlationId: string | null;
  traceId: string | null;
  traceUrl: string | null;
  toldAt: string | null;
  steps: Step[];
}

export interface Timeline {
  id: string;
  producer: "known" | "unknown";
  /** Why it is unknown. */
  producerReason: string | null;
  /** Of all steps the most urgent state. */
  state: StepState;
  summary: string;
  events: EventTimeline[];
  /** What follows from no single event: reminders. */
  later: Step[];
}

export const urgency: readonly StepState[] = ["failed", "stuck", "unknown", "waiting", "done", "planned", "void"];

/** The most urgent one. */
export function worstOf(states: readonly StepState[]): StepState {
  return urgency.find((state) => states.includes(state)) ?? "done";
}

const blank = {
  at: null,
  lagMs: null,
  attempts: null,
  detail: null,
  waitsFor: null,
  since: null,
  proof: {},
  receipt: null,
  deadLetter: null,
  send: null,
} as const;

export function step(
  part: string,
  what: string,
  state: StepState,
  more: Partial<Omit<Step, "at" | "since">> & { at?: Date | null; since?: Date | null } = {},
): Step {
  const { at, since, ...others } = more;
  return { ...blank, part, what, state, ...others, at: at?.toISOString() ?? null, since: since?.toISOString() ?? null };
}
