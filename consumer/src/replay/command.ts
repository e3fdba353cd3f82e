import { parseArgs } from "node:util";
import type { Sql } from "postgres";
import type { ArchivedEvent } from "./archive-client.ts";
import { type JobName, jobs } from "../generated/jobs.ts";
import type { JobModule } from "../jobs/module.ts";
import { isRebuildable, type RebuildableJob } from "./forget-effects.ts";
import { withBroker } from "../cli/broker.ts";
import { type Command, type CommandContext, UsageError } from "../cli/command.ts";
import { timeOf } from "../cli/time-option.ts";
import { missingEvents, sinceLastCompared } from "./missing-events.ts";
import { eventsFor, publishEvents, showing } from "./publish-archive.ts";
import type { OpsOptions } from "./request-producer.ts";
import { rebuildJob } from "./rebuild-command.ts";

const jobNames = Object.keys(jobs) as JobName[];

const usageFor = (rebuildable: readonly string[]) =>
  `Usage: consumer replay --job JOB --from TIME --to TIME [--type EVENT] [--aggregate AGGREGATE] [--dry-run] [--json]
       consumer replay --missing [--job JOB] [--from TIME] [--to TIME] [--dry-run] [--json]
       consumer replay --job JOB --rebuild [--dry-run] [--json]

Publishes events of the producer's archive (PRODUCER_OPS_URL, PRODUCER_OPS_KEY) to the queue of one job, with their
event ids: what the job has processed before is not done again. Never fills more than half of the queue.

  --job JOB        ${jobNames.join(", ")}
  --from, --to     published from (inclusive) to (exclusive); RFC 3339
  --type EVENT     only events of this name
  --aggregate      only events of this appointment or doctor
  --missing        only what a job (without --job, each of them) has neither processed nor given up; without --from, since
                   it was last known to have had everything. What is still on its way is counted, too
  --rebuild        first pauses the job, empties its tables and forgets what it has processed, then replays everything;
                   what is older than the archive's first event is kept (${rebuildable.join(", ")})
  --dry-run        only counts
  --json           one JSON object a job and line: job, events (how many, by name), rebuilt, dryRun`;

function parse(args: string[], rebuildable: readonly RebuildableJob[]) {
  const { values } = parseArgs({
    args,
    options: {
      job: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      type: { type: "string" },
      aggregate: { type: "string" },
      rebuild: { type: "boolean", default: false },
      missing: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const { rebuild, missing, type, aggregate: aggregateId, json } = values;
  const [from, to] = [timeOf("from", values.from), timeOf("to", values.to)];
  const common = { dryRun: values["dry-run"], json };
  if (missing) {
    if (rebuild || type || aggregateId) throw new UsageError("--missing goes with --job, --from and --to only");
    if (values.job !== undefined && !Object.hasOwn(jobs, values.job)) {
      throw new UsageError(`--job must be one of ${jobNames.join(", ")}`);
    }
    const names = values.job === undefined ? jobNames : [values.job as JobName];
    return { ...common, jobs: names, rebuild: undefined, missing, filter: { from, to } };
  }
  const job = jobNames.find((name) => name === values.job);
  if (!job) throw new UsageError(`--job must be one of ${jobNames.join(", ")}`);
  if (type !== undefined && !Object.hasOwn(jobs[job].events, type)) {
    throw new UsageError(`The job ${job} knows no event ${type}: ${Object.keys(jobs[job].events).join(", ")}`);
  }
  const module = rebuild ? rebuildable.find(({ name }) => name === job) : undefined;
  if (rebuild) {
    if (!module) throw new UsageError(`--rebuild is for ${rebuildable.map(({ name }) => name).join(" and ")}`);
    if (from || to || type || aggregateId) throw new UsageError("--rebuild replays everything: name no part of it");
  } else if (!from || !to) throw new UsageError("consumer replay needs --from and --to, --missing or --rebuild");
  return { ...common, jobs: [job], rebuild: module, missing, filter: { from, to, type, aggregateId } };
}

/** `consumer replay`: give a job what it has missed, or everything again. */
export function createReplayCommand(modules: readonly JobModule[]): Command {
  const rebuildable = modules.filter(isRebuildable);
  return {
    name: "replay",
    summary: "give a job events of the producer's archive again",
    usage: usageFor(rebuildable.map(({ name }) => name)),
    async run(args, context) {
      const { jobs: names, ...request } = parse(args, rebuildable);
      if (!context.config.producer) throw new UsageError("consumer replay needs PRODUCER_OPS_URL and PRODUCER_OPS_KEY");
      const sql = request.missing ? context.openDatabase() : undefined;
      for (const job of names) await replayTo(job, context.config.producer, request, sql, context);
      return 0;
    },
  };
}

async function replayTo(
  job: JobName,
  archive: OpsOptions,
  { rebuild, dryRun, json, filter }: Omit<ReturnType<typeof parse>, "jobs">,
  /** Where what the job has had is looked up, if only the rest is to be published. */
  sql: Sql | undefined,
  context: CommandContext,
): Promise<void> {
  const counts: Record<string, number> = {};
  const count = ({ eventName }: ArchivedEvent) => void (counts[eventName] = (counts[eventName] ?? 0) + 1);
  const part = sql ? await sinceLastCompared(sql, job, filter) : filter;
  const events = sql ? missingEvents(sql, job, archive, part) : eventsFor(job, archive, part);
  if (dryRun) {
    const show = showing(context.progress, part);
    context.progress.show("reading the archive");
    for await (const event of events) {
      count(event);
      show(event);
    }
  } else {
    await withBroker(context, async (broker) => {
      if (rebuild) await rebuildJob(rebuild, archive, broker, context, count);
      else await publishEvents(job, events, part, broker, context, count);
    });
  }

  const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
  if (json) context.print(JSON.stringify({ job, events: counts, rebuilt: rebuild !== undefined && !dryRun, dryRun }));
  else {
    for (const [name, one] of Object.entries(counts)) context.print(`${String(one).padStart(8)}  ${name}`);
    context.print(`${total} events ${dryRun ? "would be" : "were"} published to ${jobs[job].queue}`);
  }
}
