import type { ArchivedFact, PendingFact, ProducerFacts } from "./facts.ts";
import { type Step, step } from "./timeline.ts";

/** The relay publishes at once; an event that waits for longer has met something. */
const lateMs = 30_000;

export interface ProducerView {
  kind: ProducerFacts["kind"];
  archived: ReadonlyMap<string, ArchivedFact>;
  pending: ReadonlyMap<string, PendingFact>;
}

export function viewOf(facts: ProducerFacts): ProducerView {
  const told = facts.kind === "told" ? facts : { archived: [], pending: [] };
  return {
    kind: facts.kind,
    archived: new Map(told.archived.map((event) => [event.eventId.toLowerCase(), event])),
    pending: new Map(told.pending.map((event) => [event.eventId.toLowerCase(), event])),
  };
}

/** Requested, committed, published and confirmed: as far as the producer tells. */
export function producerSteps(
  eventKey: string,
  { toldAt, actor }: { toldAt: Date | undefined; actor: string | undefined },
  producer: ProducerView,
  now: Date,
): Step[] {
  const by = actor === undefined ? null : `by ${actor}`;
  const requested = toldAt ? [step("producer", "requested", "done", { at: toldAt, detail: by })] : [];
  const archived = producer.archived.get(eventKey);
  const pending = producer.pending.get(eventKey);
  if (archived) return [...requested, ...confirmed(archived, toldAt)];
  if (pending) return [...requested, ...unconfirmed(pending, now)];
  if (producer.kind === "told") return requested;
  return [...requested, step("producer", "published", "unknown", { detail: "producer unknown" })];
}

function confirmed({ committedAt, publishedAt, failedPublications }: ArchivedFact, toldAt: Date | undefined): Step[] {
  // The row has the time at which its transaction began, the event that of the decision in it.
  const at = committedAt && toldAt && toldAt > committedAt ? toldAt : committedAt;
  return [
    ...(at ? [step("producer", "committed", "done", { at })] : []),
    step("producer", "published and confirmed", "done", {
      at: publishedAt,
      ...(failedPublications !== undefined && { attempts: failedPublications + 1 }),
    }),
  ];
}

function unconfirmed({ createdAt, attempts, lastAttemptAt, lastError }: PendingFact, now: Date): Step[] {
  const late = now.getTime() - createdAt.getTime() > lateMs;
  return [
    step("producer", "committed", "done", { at: createdAt }),
    step("producer", "published and confirmed", late ? "stuck" : "waiting", {
      at: lastAttemptAt ?? null,
      attempts,
      detail: lastError ?? null,
      waitsFor: "a confirm of the broker",
      since: createdAt,
    }),
  ];
}
