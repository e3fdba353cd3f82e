import { effectSteps, entryStep, reminderStep, sendStep } from "./effect-steps.ts";
import type { Facts } from "./facts.ts";
import { jobsOf, jobSteps } from "./job-steps.ts";
import { producerSteps, type ProducerView, viewOf } from "./producer-steps.ts";
import { type EventTimeline, type Step, type StepState, type Timeline, worstOf } from "./timeline.ts";

export interface TimelineOptions {
  now: Date;
  inboxRetentionDays: number;
  /** Where a trace is shown, with `{traceId}` in it. */
  traceUrl: string | undefined;
}

/** What became of an appointment or doctor, event by event. */
export function buildTimeline(facts: Facts, options: TimelineOptions): Timeline {
  const { now } = options;
  const producer = viewOf(facts.producer);
  const keys = eventKeys(facts, producer);
  const events = keys.map((eventKey) => eventTimeline(eventKey, facts, producer, options))
    .toSorted((a, b) => (a.version ?? 0) - (b.version ?? 0) || (a.toldAt ?? "").localeCompare(b.toldAt ?? ""));
  const known = new Set(keys);
  const later = [
    ...facts.sends.filter((send) => !known.has(send.eventKey)).map((send) => sendStep(send, facts.outcomes, now)),
    ...facts.entries.filter(({ eventKey }) => eventKey === null || !known.has(eventKey))
      .map((entry) => entryStep(entry, facts.outcomes, now)),
    ...facts.reminders.map((reminder) => reminderStep(reminder, now)),
  ];
  const steps = [...events.flatMap((event) => event.steps), ...later];
  // Nobody can do anything about a producer that isn't there; the page says so by itself.
  const state = worstOf(
    steps.filter(({ part, state }) => part !== "producer" || state !== "unknown").map((one) => one.state),
  );
  return {
    id: facts.aggregateId,
    producer: facts.producer.kind === "told" ? "known" : "unknown",
    producerReason: facts.producer.kind === "silent"
      ? facts.producer.reason
      : facts.producer.kind === "none"
      ? "PRODUCER_OPS_URL is not set"
      : null,
    state,
    summary: summaryOf(state, steps),
    events,
    later,
  };
}

function eventKeys({ outcomes, handled, delays, deadLetters }: Facts, producer: ProducerView): string[] {
  const keys = [outcomes, handled, delays, deadLetters].flat()
    .flatMap((fact) => fact.eventKey === null || fact.eventKey.startsWith("reminder:") ? [] : [fact.eventKey]);
  return [...new Set([...keys, ...producer.archived.keys(), ...producer.pending.keys()])];
}

function eventTimeline(
  eventKey: string,
  facts: Facts,
  producer: ProducerView,
  { now, inboxRetentionDays, traceUrl }: TimelineOptions,
): EventTimeline {
  const ofIt = <Fact extends { eventKey: string | null }>(list: readonly Fact[]) =>
    list.filter((fact) => fact.eventKey === eventKey);
  const archived = producer.archived.get(eventKey);
  const pending = producer.pending.get(eventKey);
  const recorded = ofIt(facts.outcomes).find(({ action }) => action === "recorded");
  const handled = ofIt(facts.handled);
  const letters = ofIt(facts.deadLetters);
  const eventName = archived?.eventName ?? pending?.eventName ??
    [...handled, ...ofIt(facts.outcomes), ...letters, ...ofIt(facts.delays)].find((fact) => fact.eventName)
      ?.eventName ??
    null;
  const toldAt = archived?.toldAt ?? recorded?.occurredAt ?? handled.find((fact) => fact.toldAt)?.toldAt ?? undefined;
  const actor = archived?.actor ?? recorded?.actor ?? undefined;
  const traceId = traceIdOf(archived?.traceparent ?? letters.find(({ traceparent }) => traceparent)?.traceparent);
  // Of an event that the producer has not published, no job can have heard.
  const since = pending ? undefined : archived?.publishedAt ?? toldAt;
  const context = {
    eventKey,
    since,
    now,
    forgottenBefore: new Date(now.getTime() - inboxRetentionDays * 86_400_000),
  };
  const jobs = eventName === null ? [...new Set(letters.map(({ job }) => job))] : jobsOf(eventName);
  const steps = [
    ...producerSteps(eventKey, { toldAt, actor }, producer, now),
    ...jobs.flatMap((job) => jobSteps(job, facts, context)),
    ...effectSteps(facts, eventKey, now),
  ];
  return {
    eventKey,
    eventName,
    version: archived?.aggregateVersion ?? pending?.aggregateVersion ?? versionOf(recorded?.detail) ??
      handled.find(({ version }) => version !== null)?.version ?? null,
    actor: actor ?? null,
    correlationId: archived?.correlationId ?? recorded?.correlationId ??
      letters.find(({ correlationId }) => correlationId)?.correlationId ?? null,
    traceId: traceId ?? null,
    traceUrl: traceId && traceUrl ? traceUrl.replaceAll("{traceId}", traceId) : null,
    toldAt: toldAt?.toISOString() ?? null,
    steps: inOrder(steps).map((one) => ({ ...one, lagMs: lagOf(one, toldAt) })),
  };
}

function versionOf(detail: Record<string, unknown> | null | undefined): number | undefined {
  return typeof detail?.["aggregateVersion"] === "number" ? detail["aggregateVersion"] : undefined;
}

/** Of a W3C traceparent. */
function traceIdOf(traceparent: string | null | undefined): string | undefined {
  return /^00-(?!0{32})([0-9a-f]{32})-/.exec(traceparent ?? "")?.[1];
}

function lagOf({ at }: Step, toldAt: Date | undefined): number | null {
  return at === null || !toldAt ? null : Math.max(0, Date.parse(at) - toldAt.getTime());
}

/** What the producer did first, as it has to be whatever two clocks say; then by time; what is open comes last. */
function inOrder(steps: Step[]): Step[] {
  const rank = ({ part, at }: Step) => part === "producer" ? 0 : at === null ? 2 : 1;
  return steps.map((step, index) => ({ step, index })).toSorted(({ step: a, index: i }, { step: b, index: j }) => {
    const byRank = rank(a) - rank(b);
    if (byRank !== 0) return byRank;
    return a.part === "producer" ? i - j : (a.at ?? "").localeCompare(b.at ?? "");
  }).map(({ step }) => step);
}

const sentences: Record<StepState, string> = {
  failed: "Waits for a person",
  stuck: "Is stuck",
  unknown: "Is not known in full",
  waiting: "Is under way",
  done: "Is done",
  planned: "Is planned",
  void: "Is done",
};

function summaryOf(state: StepState, steps: readonly Step[]): string {
  const open = steps.filter((one) => one.waitsFor !== null && one.state === state);
  const first = open[0];
  if (!first) return `${sentences[state]}.`;
  const more = open.length > 1 ? `, and ${open.length - 1} more` : "";
  return `${sentences[state]}: ${first.part}, ${first.what}, waits for ${first.waitsFor}${more}.`;
}
