import { parseArgs } from "node:util";
import type { ArchivedEvent } from "./archive-client.ts";
import { type JobName, jobs } from "../generated/jobs.ts";
import { rebuildableJobs } from "./rebuild.ts";
import { withBroker } from "../cli/broker.ts";
import { type Command, UsageError } from "../cli/command.ts";
import { eventsFor, publishArchive } from "./publish-archive.ts";
import { rebuildJob } from "./rebuild-command.ts";

const jobNames = Object.keys(jobs) as JobName[];

const usage =
  `Usage: consumer replay --job JOB --from TIME --to TIME [--type EVENT] [--aggregate ID] [--dry-run] [--json]
       consumer replay --job JOB --rebuild [--dry-run] [--json]

Publishes events of the producer's archive (PRODUCER_OPS_URL, PRODUCER_OPS_KEY) to the queue of one job, with their
event ids: what the job has processed before is not done again. Never fills more than half of the queue.

  --job JOB        ${jobNames.join(", ")}
  --from, --to     published from (inclusive) to (exclusive); RFC 3339
  --type EVENT     only events of this name
  --aggregate ID   only events of this appointment or doctor
  --rebuild        first pauses the job, empties its tables and forgets what it has processed, then replays everything;
                   what is older than the archive's first event is kept (${rebuildableJobs.join(", ")})
  --dry-run        only counts
  --json           one JSON object: job, events (by name), rebuilt, dryRun`;

function parse(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      job: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      type: { type: "string" },
      aggregate: { type: "string" },
      rebuild: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const { rebuild, type, aggregate: aggregateId, json } = values;
  const job = jobNames.find((name) => name === values.job);
  if (!job) throw new UsageError(`--job must be one of ${jobNames.join(", ")}`);
  if (type !== undefined && !Object.hasOwn(jobs[job].events, type)) {
    throw new UsageError(`The job ${job} knows no event ${type}: ${Object.keys(jobs[job].events).join(", ")}`);
  }
  const [from, to] = [timeOf("from", values.from), timeOf("to", values.to)];
  if (rebuild) {
    if (!rebuildableJobs.includes(job)) throw new UsageError(`--rebuild is for ${rebuildableJobs.join(" and ")}`);
    if (from || to || type || aggregateId) throw new UsageError("--rebuild replays everything: name no part of it");
  } else if (!from || !to) throw new UsageError("consumer replay needs --from and --to, or --rebuild");
  return { job, rebuild, dryRun: values["dry-run"], json, filter: { from, to, type, aggregateId } };
}

function timeOf(name: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const time = new Date(value);
  if (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(time.getTime())) return time;
  throw new UsageError(`--${name} ${value} is no RFC 3339 time, such as 2026-03-01T08:00:00Z`);
}

/** `consumer replay`: give a job what it has missed, or everything again. */
export const replayCommand: Command = {
  name: "replay",
  summary: "give a job events of the producer's archive again",
  usage,
  async run(args, context) {
    const { job, rebuild, dryRun, json, filter } = parse(args);
    const archive = context.config.producer;
    if (!archive) throw new UsageError("consumer replay needs PRODUCER_OPS_URL and PRODUCER_OPS_KEY");

    const counts: Record<string, number> = {};
    const count = ({ eventName }: ArchivedEvent) => void (counts[eventName] = (counts[eventName] ?? 0) + 1);
    if (dryRun) { for await (const event of eventsFor(job, archive, filter)) count(event); }
    else {
      await withBroker(context.config, async (broker) => {
        if (rebuild) await rebuildJob(job, archive, broker, context, count);
        else await publishArchive(job, archive, filter, broker, context, count);
      });
    }

    const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
    if (json) context.print(JSON.stringify({ job, events: counts, rebuilt: rebuild && !dryRun, dryRun }));
    else {
      for (const [name, one] of Object.entries(counts)) context.print(`${String(one).padStart(8)}  ${name}`);
      context.print(`${total} events ${dryRun ? "would be" : "were"} published to ${jobs[job].queue}`);
    }
    return 0;
  },
};
