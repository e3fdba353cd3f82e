import type { TransactionSql } from "postgres";
import { appendAudits, type AuditEntry } from "../jobs/audit/audit-log.ts";
import type { Job, JobOutcome, Told } from "../jobs/job.ts";
import { claimDisputed } from "./claim-version.ts";
import { claimEvents, giveBack, type InboxEntry, markIgnored, processedKeys } from "./inbox.ts";
import type { ReceivedEvent } from "./message.ts";
import { PermanentError } from "./permanent-error.ts";

export type JobResult = JobOutcome | { kind: "duplicate" };

/** What came of one event of a transaction. */
export type Settled = JobResult | { kind: "failed"; error: unknown };

/** Rolls the transaction back without being a failure: it has nothing to commit. */
export class NothingToCommit extends Error {
  readonly settled: Settled[];

  constructor(settled: Settled[]) {
    super("nothing to commit");
    this.settled = settled;
  }
}

/** Rolls the transaction back: what becomes of these events depends on how it ends for the ones before them. */
export class RunThemAlone extends Error {
  readonly places: readonly number[];

  constructor(places: readonly number[]) {
    super("some events have to run alone");
    this.places = places;
  }
}

interface Turn extends Told<unknown> {
  received: ReceivedEvent;
  settled?: Settled;
  audit?: readonly AuditEntry[];
}

/**
 * Processes events in their order, in one transaction: the inbox rows, the effects and the audit rows commit together or
 * not at all. However many there are, it is one claim, one load, one save and one audit insert.
 */
export function createJobTransaction(job: Job, now: () => Date) {
  const entryOf = ({ eventKey, event }: ReceivedEvent): InboxEntry => ({
    eventKey,
    eventName: event.eventName,
    aggregateId: event.aggregateId,
    version: job.keepsAll ? undefined : event.aggregateVersion,
    toldAt: new Date(event.timestamp),
  });

  /** Which events are this transaction's to decide; the others are settled. */
  async function claim(sql: TransactionSql, turns: readonly Turn[], at: Date): Promise<Turn[]> {
    const entries = turns.map(({ received }) => entryOf(received));
    const claimed = await claimEvents(sql, job.name, entries, at);
    // Each key is one claim: of a repetition, the first.
    const own = turns.filter(({ context }) => claimed.delete(context.eventKey));
    if (own.length === turns.length) return own;
    const keys = new Set(own.map(({ context }) => context.eventKey));
    const isOwn = new Set(own);
    const others = turns.filter((turn) => !isOwn.has(turn));
    const unclaimed = others.filter(({ context }) => !keys.has(context.eventKey));
    const processed = unclaimed.length === 0
      ? new Set<string>()
      : await processedKeys(sql, job.name, unclaimed.map(({ context }) => context.eventKey));
    for (const turn of others) {
      const { eventKey } = turn.context;
      if (keys.has(eventKey) || processed.has(eventKey)) turn.settled = { kind: "duplicate" };
    }
    const disputed = others.filter(({ settled }) => !settled);
    if (disputed.length === 0) return own;
    if (turns.length > 1) throw new RunThemAlone(disputed.map((turn) => turns.indexOf(turn)));
    const [turn] = disputed as [Turn];
    const answer = await claimDisputed(sql, job.name, entries[0]!, at);
    if (answer.kind === "superseded") {
      turn.context.supersedes = true;
      return [turn];
    }
    turn.settled = answer.kind === "wait"
      ? answer
      : { kind: "failed", error: new PermanentError("version-conflict", answer.reason) };
    return [];
  }

  function outcomeEntry({ received, context, settled }: Turn, foundOut: string | undefined): AuditEntry {
    const { event, eventKey, correlationId } = received;
    const { kind, action = kind, detail = null, reason } = settled as {
      kind: string;
      action?: string;
      detail?: string;
      reason?: string;
    };
    return {
      occurredAt: context.now,
      job: job.name,
      action,
      eventKey,
      eventName: event.eventName,
      aggregateId: event.aggregateId,
      correlationId,
      detail: {
        ...(kind === "ignored" ? { reason: reason! } : { detail: foundOut ?? detail }),
        ...(context.supersedes ? { supersedes: true } : {}),
      },
    };
  }

  return async function inTransaction(sql: TransactionSql, received: readonly ReceivedEvent[]): Promise<Settled[]> {
    const at = now();
    const turns = received.map((one): Turn => ({
      received: one,
      event: one.event,
      context: { eventKey: one.eventKey, now: at, traceparent: one.traceparent },
    }));
    const all = () => turns.map(({ settled }) => settled!);
    const own = await claim(sql, turns, at);
    if (own.length === 0) {
      if (all().every(({ kind }) => kind === "wait")) throw new NothingToCommit(all());
      return all();
    }
    const store = job.createStore(sql);
    await store.load(own);
    for (const turn of own) {
      const { event, context } = turn;
      try {
        const { outcome, change, audit } = job.decide(event, store.known(event), context);
        turn.settled = outcome;
        if (outcome.kind === "wait") continue;
        if (audit) turn.audit = audit;
        if (change !== undefined) store.keep(event, change);
      } catch (error) {
        turn.settled = { kind: "failed", error };
      }
    }
    const thatAre = (...kinds: string[]) => own.filter(({ settled }) => kinds.includes(settled!.kind));
    const isOwn = new Set(own);
    const notDone = thatAre("wait", "failed");
    const keysNotDone = new Set(notDone.map(({ context }) => context.eventKey));
    const repeated = turns.filter((turn) => !isOwn.has(turn) && keysNotDone.has(turn.context.eventKey));
    if (repeated.length > 0) throw new RunThemAlone(repeated.map((turn) => turns.indexOf(turn)));
    const done = thatAre("applied", "ignored");
    if (done.length === 0) throw new NothingToCommit(all());

    const foundOut = await store.findOut?.();
    const keysOf = (some: readonly Turn[]) => some.map(({ context }) => context.eventKey);
    const ignored = thatAre("ignored");
    // Not one after the other: postgres.js sends all at once.
    await Promise.all([
      store.save(),
      ignored.length > 0 && markIgnored(sql, job.name, keysOf(ignored)),
      notDone.length > 0 && giveBack(sql, job.name, keysOf(notDone)),
      appendAudits(
        sql,
        done.flatMap((turn) => [
          ...turn.audit ?? [],
          ...foundOut?.get(turn.event)?.audit ?? [],
          outcomeEntry(turn, foundOut?.get(turn.event)?.detail),
        ]),
      ),
    ]);
    return all();
  };
}
