import type { OpenTogether } from "../delivery/open-together.ts";
import type { Sql, TransactionSql } from "postgres";
import { createJobRunner } from "../delivery/run-job.ts";
import { appendAudit } from "../jobs/audit/audit-log.ts";
import type { Job } from "../jobs/job.ts";
import type { Compared, Difference, History, Reconciliation } from "../jobs/reconciliation.ts";
import { isConcurrencyFailure } from "../postgres/failure-kind.ts";
import { errorText } from "../telemetry/error-text.ts";
import { type ArchivedHistory, eventsOf, type ReadEvent } from "./archived-histories.ts";
import type { Left, Reported } from "./report.ts";
import { findDisputed, findWaiting, type Handled, readHandled } from "./whereabouts.ts";

export interface JobReconcilerDependencies {
  sql: Sql;
  job: Job;
  openTogether: OpenTogether;
  reconciliation: Reconciliation;
  /** How long an event may be on its way. */
  lagMs: number;
  jobTimeoutMs: number;
  repair: boolean;
  /** For the audit trail. */
  actor: string;
  now: () => Date;
  report(difference: Reported): void;
  leave(left: Left): void;
}

interface Subject {
  aggregateId: string;
  events: readonly ReadEvent[];
}

/** Compares one job with the archive, some aggregates at a time. */
export function createJobReconciler(dependencies: JobReconcilerDependencies) {
  const { sql, job, openTogether, reconciliation, lagMs, jobTimeoutMs, repair, actor, now, report, leave } =
    dependencies;
  const { name } = job;
  const runJob = createJobRunner({ sql, job, timeoutMs: jobTimeoutMs, now, onWrite: () => {} });

  const isUnderway = (at: Date) => at.getTime() > now().getTime() - lagMs;
  const tell = (difference: Difference, mended: boolean, how: string) => {
    const { aggregateId, kind, what, fields } = difference;
    report({ job: name, aggregateId, kind, what, ...(fields && { fields }), mended, how });
  };

  function note(transaction: TransactionSql, { aggregateId, kind, what, fields }: Difference): Promise<void> {
    const detail = { kind, what, ...(fields && { fields: [...fields] }) };
    return appendAudit(transaction, { occurredAt: now(), job: name, action: "reconciled", aggregateId, actor, detail });
  }

  /** Has the job handle what it has missed, as if it came from its queue now. */
  async function handle(
    { aggregateId, events }: Subject,
    { eventKey, eventName, received }: ReadEvent,
  ): Promise<void> {
    const difference: Difference = { aggregateId, kind: "missing", what: `event ${eventName} ${eventKey}` };
    if (!received) return tell(difference, false, "the job can't read it");
    const history = events.flatMap((one) => one.received?.event ?? []);
    const tooLate = reconciliation.isTooLate?.(history, now());
    if (tooLate !== undefined) return tell(difference, false, tooLate);
    if (!repair) return tell(difference, false, "would be handled");
    try {
      const result = await runJob(received);
      if (result.kind === "wait") tell(difference, false, result.reason);
      else if (result.kind !== "duplicate") tell(difference, true, "handled");
    } catch (error) {
      tell(difference, false, errorText(error));
    }
  }

  async function findMissed(subjects: readonly Subject[], handled: Handled): Promise<void> {
    const unhandled = subjects.flatMap((subject) =>
      subject.events
        .filter(({ eventKey }) => !handled.get(subject.aggregateId)?.has(eventKey))
        .map((event) => ({ subject, event }))
    );
    const waiting = await findWaiting(sql, name, unhandled.map(({ event }) => event.eventKey), now());
    for (const { subject, event } of unhandled) {
      const { aggregateId } = subject;
      const place = waiting.get(event.eventKey) ?? (isUnderway(event.publishedAt) ? "on its way" : undefined);
      if (place === "discarded") continue;
      if (place !== undefined) leave({ job: name, aggregateId, why: `event: ${place}` });
      else await handle(subject, event);
    }
  }

  /** What the job has had of those that can be compared. */
  function historiesOf(subjects: readonly Subject[], handled: Handled): History[] {
    return subjects.flatMap(({ aggregateId, events }) => {
      const had = handled.get(aggregateId) ?? new Map<string, Date>();
      const archived = new Set(events.map(({ eventKey }) => eventKey));
      const others = [...had].filter(([key]) => !archived.has(key));
      if (others.length > 0) {
        const why = others.some(([, at]) => isUnderway(at)) ? "on its way" : "has events that the archive doesn't have";
        leave({ job: name, aggregateId, why });
        return [];
      }
      const told = events.flatMap(({ eventKey, received }) =>
        received && had.has(eventKey) ? [{ event: received.event, context: { eventKey, now: now() } }] : []
      );
      return [{ aggregateId, told }];
    });
  }

  const keysOf = (handled: Handled, id: string) => [...handled.get(id)?.keys() ?? []].sort().join();

  /** Compares and mends in one transaction, under the locks that a delivery would take. */
  async function compareRows(subjects: readonly Subject[]): Promise<void> {
    const ids = subjects.map(({ aggregateId }) => aggregateId);
    const told: (() => void)[] = [];
    await sql.begin(async (transaction) => {
      told.length = 0;
      const handled = await readHandled(transaction, name, ids);
      const compared: Compared = await reconciliation.compare(transaction, historiesOf(subjects, handled), now());
      // What was handled between the two looks may not be in what was read, or only there.
      const after = await readHandled(transaction, name, ids);
      const disputed = await findDisputed(transaction, name, ids);
      const isSettled = (id: string) => keysOf(handled, id) === keysOf(after, id) && !disputed.has(id);
      for (const id of ids) {
        if (disputed.has(id)) told.push(() => leave({ job: name, aggregateId: id, why: "version conflict" }));
        else if (!isSettled(id)) told.push(() => leave({ job: name, aggregateId: id, why: "on its way" }));
      }
      for (const left of compared.left) told.push(() => leave({ job: name, ...left }));
      for (const { mend, how, ...difference } of compared.findings) {
        if (!isSettled(difference.aggregateId)) continue;
        const mended = repair && mend !== undefined;
        if (mended) {
          await mend(transaction);
          await note(transaction, difference);
        }
        told.push(() => tell(difference, mended, how));
      }
    });
    for (const one of told) one();
  }

  /** Where somebody else wrote meanwhile, one by one; what is still being written is looked at another time. */
  async function compareAll(subjects: readonly Subject[]): Promise<void> {
    try {
      await compareRows(subjects);
    } catch (error) {
      if (!isConcurrencyFailure(error)) throw error;
      const [first] = subjects;
      if (subjects.length === 1) return leave({ job: name, aggregateId: first!.aggregateId, why: "on its way" });
      for (const subject of subjects) await compareAll([subject]);
    }
  }

  async function compareOutside(ids: readonly string[]): Promise<void> {
    if (!reconciliation.compareOutside) return;
    const { findings, left } = await reconciliation.compareOutside(sql, ids, now());
    for (const one of left) leave({ job: name, ...one });
    for (const { mend, how, ...difference } of findings) {
      const mended = repair && await sql.begin(async (transaction) => {
        if (!await mend(transaction)) return false;
        await note(transaction, difference);
        return true;
      });
      if (repair && !mended) leave({ job: name, aggregateId: difference.aggregateId, why: "on its way" });
      else tell(difference, mended, how);
    }
  }

  return async function reconcile(histories: readonly ArchivedHistory[]): Promise<void> {
    const subjects = await Promise.all(histories.map(async (history) => ({
      aggregateId: history.aggregateId,
      events: await eventsOf(name, history, openTogether),
    })));
    const ids = subjects.map(({ aggregateId }) => aggregateId);
    await findMissed(subjects, await readHandled(sql, name, ids));
    await compareAll(subjects);
    await compareOutside(ids);
  };
}
