import type { Sql } from "postgres";
import { isUuid } from "../formats.ts";
import type { Config } from "../config.ts";
import { createOpenTogether } from "../delivery/open-together.ts";
import type { JobModule } from "../jobs/module.ts";
import type { Reconciliation } from "../jobs/reconciliation.ts";
import type { FindKeys } from "../patient-keys/key-reader.ts";
import { openPatientKeys } from "../patient-keys/open-patient-keys.ts";
import { readArchive } from "../replay/archive-client.ts";
import type { OpsOptions } from "../replay/request-producer.ts";
import { isUnavailable } from "../postgres/failure-kind.ts";
import { errorText } from "../telemetry/error-text.ts";
import { type ArchivedHistory, readHistories } from "./archived-histories.ts";
import { createJobReconciler } from "./reconcile-job.ts";
import type { Left, ReconcileReport, Reported } from "./report.ts";
import { isPaused } from "./whereabouts.ts";

export interface ReconcileDependencies {
  sql: Sql;
  config: Config;
  archive: OpsOptions;
  modules: readonly JobModule[];
  /** Only what had an event since then; all that the archive has where it is absent. */
  since?: Date | undefined;
  repair: boolean;
  actor: string;
  now: () => Date;
  report(difference: Reported): void;
  progress(text: string, fraction?: number): void;
  stop?: AbortSignal | undefined;
}

/** Aggregates of one transaction: as many as are locked together for a moment. */
const batchSize = 50;

/** Any constant that no other user of the database takes; spells "reco". */
const lockKey = 0x7265636f;

/** Another process compares at this moment. */
export class ReconcileBusy extends Error {
  override name = "ReconcileBusy";
}

interface ComparedJob {
  module: JobModule;
  reconciliation: Reconciliation;
  compare(histories: readonly ArchivedHistory[]): Promise<void>;
}

const named = (id: string) => isUuid(id) ? id.toLowerCase() : id;

function* batchesOf<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let from = 0; from < items.length; from += batchSize) yield items.slice(from, from + batchSize);
}

/** Compares what the jobs keep with what the archive tells, and mends what may be mended; one at a time. */
export async function reconcile(dependencies: ReconcileDependencies): Promise<ReconcileReport> {
  // The lock lives as long as this transaction: a session's would belong to nobody behind a pooler.
  return await dependencies.sql.begin(async (transaction) => {
    await transaction`set local idle_in_transaction_session_timeout = 0`;
    const [row] = await transaction<[{ held: boolean }]>`select pg_try_advisory_xact_lock(${lockKey}) as held`;
    if (!row.held) throw new ReconcileBusy("another process reconciles at this moment; try again when it is done");
    const keys = openPatientKeys(dependencies.config);
    try {
      return await reconcileAll(dependencies, keys?.findKeys);
    } finally {
      await keys?.sql.end({ timeout: 1 });
    }
  }) as ReconcileReport;
}

async function reconcileAll(
  dependencies: ReconcileDependencies,
  findKeys: FindKeys | undefined,
): Promise<ReconcileReport> {
  const { sql, config, archive, modules, since, now, progress, stop } = dependencies;
  const report: ReconcileReport = { compared: 0, found: 0, mended: 0, left: {}, failures: [] };
  const leave = ({ job, why }: Left) => {
    const name = `${job}: ${why}`;
    report.left[name] = (report.left[name] ?? 0) + 1;
  };
  function count(difference: Reported): void {
    report.found += 1;
    if (difference.mended) report.mended += 1;
    dependencies.report(difference);
  }
  const until = new Date(now().getTime() - config.reconcile.lagMs);
  const { ids, from } = await readIds(archive, { from: since, to: until }, progress);

  const jobs: ComparedJob[] = [];
  for (const module of modules) {
    const reconciliation = module.reconcile?.(config);
    if (!reconciliation || await isPaused(sql, module.name)) {
      leave({
        job: module.name,
        why: reconciliation ? "the job is paused" : "its settings are not here",
        aggregateId: "",
      });
      continue;
    }
    const compare = createJobReconciler({
      ...dependencies,
      job: module.job(config),
      openTogether: createOpenTogether(module.name, findKeys),
      reconciliation,
      lagMs: config.reconcile.lagMs,
      jobTimeoutMs: config.delivery.jobTimeoutMs,
      leave,
      report: count,
    });
    jobs.push({ module, reconciliation, compare });
  }

  /** Another system that doesn't answer hides no difference of the others. */
  function failed({ module }: ComparedJob, error: unknown): void {
    if (isUnavailable(error)) throw error;
    const failure = `${module.name}: ${errorText(error)}`;
    if (!report.failures.includes(failure)) report.failures.push(failure);
  }

  async function compareBatch(batch: readonly string[], some: readonly ComparedJob[]): Promise<void> {
    const histories = await readHistories(archive, batch);
    for (const one of some) await one.compare(histories).catch((error) => failed(one, error));
  }

  /** Nothing is mended: what the archive doesn't know may be another system's, that writes the same calendars. */
  async function findStrangers({ module, reconciliation }: ComparedJob): Promise<void> {
    for (const difference of await reconciliation.findStrangers?.(sql, now()) ?? []) {
      stop?.throwIfAborted();
      const [history] = ids.has(difference.aggregateId) ? [] : await readHistories(archive, [difference.aggregateId]);
      if (history?.events.length !== 0) continue;
      count({
        ...difference,
        job: module.name,
        mended: false,
        how: "the archive knows no such visit; a person decides",
      });
    }
  }

  const all = [...ids];
  for (const batch of batchesOf(all)) {
    stop?.throwIfAborted();
    await compareBatch(batch, jobs);
    report.compared += batch.length;
    progress(`compared ${report.compared} of ${all.length}, ${report.found} differences`, report.compared / all.length);
  }
  for (const one of jobs) {
    progress(`${one.module.name}: looking for what is nobody's`);
    await findStrangers(one).catch((error) => failed(one, error));
  }
  if (from === undefined) return report;
  for (const one of jobs) {
    progress(`${one.module.name}: looking for what no event tells of`);
    const kept = await one.reconciliation.kept?.(sql, from, until) ?? [];
    const untold = [...new Set(kept)].filter((id) => !ids.has(id));
    for (const batch of batchesOf(untold)) {
      stop?.throwIfAborted();
      await compareBatch(batch, [one]);
      report.compared += batch.length;
    }
  }
  return report;
}

/** Whom the archive tells of in this time, and since when it tells of anything then. */
async function readIds(
  archive: OpsOptions,
  filter: { from: Date | undefined; to: Date },
  progress: ReconcileDependencies["progress"],
): Promise<{ ids: Set<string>; from: Date | undefined }> {
  const ids = new Set<string>();
  let from: Date | undefined;
  let events = 0;
  for await (const { aggregateId, body, publishedAt } of readArchive(archive, filter)) {
    from ??= filter.from ?? new Date(JSON.parse(body).timestamp);
    ids.add(named(aggregateId));
    events += 1;
    progress(`reading the archive: ${events} events, up to ${publishedAt.toISOString()}`);
  }
  return { ids, from };
}
