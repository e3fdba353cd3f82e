import { queues } from "../generated/topology.ts";
import type { DeadLetterFact, DelayFact, Facts, HandledFact, OutcomeFact } from "./facts.ts";
import { type Step, step } from "./timeline.ts";

/** A job takes an event at once; the broker's own delays are counted from when they end. */
const lateMs = 30_000;

/** The jobs whose queue gets an event of this name. */
export function jobsOf(eventName: string): string[] {
  return Object.entries(queues)
    .filter(([, queue]) => queue.bindings.some(({ routingKey }) => matches(routingKey, eventName)))
    .map(([job]) => job);
}

function matches(pattern: string, name: string): boolean {
  const words = name.split(".");
  const wanted = pattern.split(".");
  return wanted.length === words.length && wanted.every((word, index) => word === "*" || word === words[index]);
}

export interface JobContext {
  eventKey: string;
  /** Since when the job could have had it. */
  since: Date | undefined;
  now: Date;
  /** Before that the inbox forgets. */
  forgottenBefore: Date;
}

/** What a job did with an event: received, retried, waited, given up, done; or what it waits for. */
export function jobSteps(job: string, facts: Facts, context: JobContext): Step[] {
  const mine = (fact: { job: string; eventKey: string | null }) =>
    fact.job === job && fact.eventKey === context.eventKey;
  const delay = facts.delays.find(mine);
  const letters = facts.deadLetters.filter(mine);
  const handled = facts.handled.find(mine);
  const outcomes = facts.outcomes.filter(mine);
  const outcome = outcomes.findLast(({ action }) => ["applied", "ignored", "recorded"].includes(action));
  const finished = handled !== undefined || outcome !== undefined;
  return [
    ...(delay
      ? delaySteps(job, delay, finished || letters.some(({ storedAt }) => storedAt >= delay.lastAt), context)
      : []),
    ...letters.flatMap((letter) => letterSteps(job, letter, outcomes, finished)),
    ...(finished ? [doneStep(job, handled, outcome)] : openSteps(job, delay, letters, context)),
  ];
}

function delaySteps(job: string, delay: DelayFact, over: boolean, { now }: JobContext): Step[] {
  const { kind, retries, waits, firstAt, lastAt, nextAt, reason } = delay;
  const words = [
    ...(retries > 0 ? [`retried ${times(retries)}`] : []),
    ...(waits > 0 ? [`waited ${times(waits)}`] : []),
  ];
  if (over) return [step(job, words.join(", "), "done", { at: lastAt, attempts: retries, detail: reason })];
  const late = now.getTime() - nextAt.getTime() > lateMs;
  return [step(job, words.join(", "), kind === "retry" || late ? "stuck" : "waiting", {
    at: lastAt,
    attempts: retries,
    detail: reason,
    waitsFor: kind === "retry" ? `its next attempt at ${nextAt.toISOString()}` : reason,
    since: firstAt,
  })];
}

const times = (count: number) => count === 1 ? "once" : `${count} times`;

function letterSteps(job: string, letter: DeadLetterFact, outcomes: OutcomeFact[], finished: boolean): Step[] {
  const { id, reason, error, attempts, state, storedAt, settledAt } = letter;
  const open = state === "stored" && !finished;
  const given = step(job, `dead-lettered: ${reason}`, open ? "failed" : "done", {
    at: storedAt,
    attempts,
    detail: error,
    deadLetter: id,
    ...(open && { waitsFor: "a person: replay or discard it", since: storedAt }),
  });
  if (!settledAt) return [given];
  const settled = outcomes.findLast(({ detail }) => detail?.["deadLetter"] === id && detail["settled"] !== undefined) ??
    outcomes.find(({ action, detail }) =>
      detail?.["deadLetter"] === id && ["replayed", "accepted", "discarded"].includes(action)
    );
  const by = settled?.actor ? `by ${settled.actor}` : null;
  return [
    given,
    step(job, state, state === "discarded" ? "void" : "done", { at: settledAt, detail: by, deadLetter: id }),
  ];
}

function doneStep(job: string, handled: HandledFact | undefined, outcome: OutcomeFact | undefined): Step {
  const what = handled?.outcome ?? outcome?.action ?? "done";
  const { reason, detail } = outcome?.detail ?? {};
  const told = [reason, detail].find((text) => typeof text === "string") as string | undefined;
  return step(job, job === "audit" ? "recorded" : what, "done", {
    // The trail has the time of the event for what the audit job records.
    at: handled?.processedAt ?? outcome?.occurredAt ?? null,
    detail: told ?? null,
    ...auditProof(outcome),
  });
}

/** Where the audit trail has it, and how somebody else gets the proof of that. */
export function auditProof(outcome: OutcomeFact | undefined): Pick<Step, "proof" | "receipt"> {
  if (!outcome) return { proof: {}, receipt: null };
  const { id, position, hash, eventKey } = outcome;
  if (position === null) return { proof: { "audit row": `${id}, not sealed yet` }, receipt: null };
  const proof = { "audit row": id, "chain position": position, "chain hash": hash ?? "" };
  if (eventKey === null) return { proof, receipt: null };
  const command = `consumer audit receipt ${eventKey} --position ${position}`;
  return { proof: { ...proof, "audit receipt": command }, receipt: { eventKey, position: Number(position) } };
}

function openSteps(
  job: string,
  delay: DelayFact | undefined,
  letters: DeadLetterFact[],
  { since, now, forgottenBefore }: JobContext,
): Step[] {
  const last = letters.at(-1);
  const replayedAt = last?.state === "replayed" ? last.settledAt : undefined;
  if (delay || last && !replayedAt) return [];
  const from = replayedAt ?? since;
  if (!from) return [];
  if (from < forgottenBefore) return [step(job, "done or not", "unknown", { detail: "it is too long ago to be kept" })];
  const late = now.getTime() - from.getTime() > lateMs;
  return [step(job, "received", late ? "stuck" : "waiting", { waitsFor: "its turn in the job's queue", since: from })];
}
