import type { Sql } from "postgres";
import * as v from "valibot";
import type { QueueDepth } from "../broker/queue-depths.ts";
import type { Topology } from "../broker/topology.ts";
import { answerInTime } from "../postgres/answer-in-time.ts";
import { readPages } from "../replay/read-pages.ts";
import type { OpsOptions } from "../replay/request-producer.ts";
import { errorText } from "../telemetry/error-text.ts";
import { judge } from "./judge.ts";
import type { Readiness } from "../ops/readiness.ts";
import { findLockHolders } from "../postgres/lock-holders.ts";
import { secondsAhead } from "./read-clocks.ts";
import { impairmentsOf, readProducerHealth } from "./read-producer-health.ts";
import type { ClockStatus, OutboxStatus, ProcessStatus, QueueStatus, Status } from "./status.ts";
import { readStored, type StoredStatus } from "./status-store.ts";

export interface StatusSources {
  sql: Sql;
  topology: Topology;
  queueDepths(signal: AbortSignal): Promise<QueueDepth[]>;
  producer: OpsOptions | undefined;
  /** Where a process of the service asks: its own. */
  readiness?: (() => Promise<Readiness>) | undefined;
  now: () => Date;
}

const timeoutMs = 5_000;
const firstPage = 200;

type Answer<Value> = { value: Value; reason?: never } | { value?: never; reason: string };

/** An outage is an answer here, not a failure. */
async function ask<Value>(question: Promise<Value>): Promise<Answer<Value>> {
  try {
    return { value: await question };
  } catch (error) {
    return { reason: errorText(error) };
  }
}

const nothingStored: StoredStatus = {
  intents: [],
  deadLetters: [],
  reminders: { waiting: 0, overdue: 0, nextAt: null },
  seals: { waiting: 0, oldestAgeSeconds: 0, position: 0 },
  perMinute: {},
  delayedAge: {},
  processes: [],
};

/** How things stand, whoever is away. */
export async function readStatus(sources: StatusSources): Promise<Status> {
  const { sql, topology, queueDepths, producer, readiness, now } = sources;
  const takenAt = now();
  // Who keeps a table locked is asked before what would wait for that table.
  const locks = ask(answerInTime(timeoutMs, findLockHolders(sql)));
  const ahead = ask(answerInTime(timeoutMs, secondsAhead(sql, now)));
  const [stored, depths, outbox, health, own] = await Promise.all([
    ask(answerInTime(timeoutMs, readStored(sql, takenAt))),
    ask(inTime(queueDepths)),
    readOutbox(producer, takenAt),
    producer ? ask(readProducerHealth(producer)) : undefined,
    readiness ? ask(readiness()) : undefined,
  ]);
  const { perMinute, delayedAge, ...known } = stored.value ?? nothingStored;
  return judge({
    takenAt,
    database: { up: stored.value !== undefined, reason: stored.reason },
    broker: { up: depths.value !== undefined, reason: depths.reason },
    queues: queuesOf(topology, depths.value ?? [], { perMinute, delayedAge, processes: known.processes }),
    outbox,
    ...known,
    impairments: [
      ...health?.value?.impairments ?? [],
      ...(own?.value ? impairmentsOf("consumer", { ...own.value }) : []),
    ],
    lockHolders: (await locks).value ?? [],
    clocks: clocksOf(known.processes, health?.value?.clock, now().getTime() - 1_000 * ((await ahead).value ?? 0)),
  });
}

/** The last is what PostgreSQL's clock says, in milliseconds. */
function clocksOf(processes: ProcessStatus[], producer: Date | undefined, databaseMs: number): ClockStatus[] {
  return [
    ...(producer ? [{ whose: "the producer", aheadSeconds: (producer.getTime() - databaseMs) / 1_000 }] : []),
    ...processes.map(({ id, state }) => ({
      whose: `the consumer's process ${id.slice(0, 8)}`,
      aheadSeconds: state.clockAheadSeconds ?? 0,
    })),
  ];
}

/** The connection may be waited for, and the question may get no answer. */
async function inTime<Value>(question: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(`no answer within ${timeoutMs} ms`)), { once: true });
  });
  return await Promise.race([question(signal), late]);
}

function queuesOf(
  topology: Topology,
  depths: QueueDepth[],
  { perMinute, delayedAge, processes }: Pick<StoredStatus, "perMinute" | "delayedAge"> & { processes: ProcessStatus[] },
): QueueStatus[] {
  const sum = (job: string, kind: QueueDepth["kind"]) =>
    depths.filter((depth) => depth.job === job && depth.kind === kind).reduce((all, { messages }) => all + messages, 0);
  return Object.entries(topology).map(([job, queue]) => {
    const ages = [delayedAge[job], ...processes.map(({ state }) => state.oldestAgeSeconds[job])]
      .filter((age) => age !== undefined && age > 0) as number[];
    return {
      job,
      queue: queue.name,
      ready: sum(job, "source"),
      limit: Number(queue.arguments["x-max-length"]),
      delayed: sum(job, "retry"),
      dead: sum(job, "dead-letter"),
      oldestAgeSeconds: ages.length === 0 ? null : Math.max(...ages),
      perMinute: perMinute[job] ?? 0,
    };
  });
}

/** Its first page tells how old the oldest is; how many there are beyond that nobody counts. */
async function readOutbox(producer: OpsOptions | undefined, takenAt: Date): Promise<OutboxStatus> {
  if (!producer) return { kind: "unknown", reason: "PRODUCER_OPS_URL is not set" };
  const items: { createdAt: string }[] = [];
  let isMore = false;
  try {
    const item = v.object({ createdAt: v.string() });
    for await (const event of readPages({ ...producer, limit: firstPage }, "outbox", item)) {
      isMore = items.length === firstPage;
      if (isMore) break;
      items.push(event);
    }
  } catch (error) {
    const { message } = error as Error;
    return { kind: "unknown", reason: / answered \d{3}/.exec(message)?.[0].trim() ?? "it does not answer" };
  }
  const [oldest] = items;
  const oldestAgeSeconds = oldest ? Math.max(0, (takenAt.getTime() - Date.parse(oldest.createdAt)) / 1_000) : 0;
  return { kind: "known", pending: items.length, isMore, oldestAgeSeconds };
}
