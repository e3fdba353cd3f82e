import { parseArgs } from "node:util";
import { type Command, type CommandContext, UsageError } from "../cli/command.ts";
import { operator } from "../cli/operator.ts";
import { timeOf } from "../cli/time-option.ts";
import { type JobName, jobs } from "../generated/jobs.ts";
import type { JobModule } from "../jobs/module.ts";
import { reconcile } from "./reconcile.ts";
import type { ReconcileReport, Reported } from "./report.ts";

const jobNames = Object.keys(jobs) as JobName[];

const usage = `Usage: consumer reconcile [--repair] [--since TIME] [--job JOB] [--json]

Compares what each job keeps, and what the calendars' server has, with what the producer's archive (PRODUCER_OPS_URL,
PRODUCER_OPS_KEY) tells, and prints every difference. It may run beside the jobs: it takes the locks that they take. What
is younger than RECONCILE_LAG_MS, waits in a retry queue or is a dead letter is counted, and is no difference.

  --repair      also mends: has a job handle the event that it missed, saves what the events say, has the calendars' sender
                write or remove an entry. A message is put into the send ledger only where its visit is to come and neither
                ledger nor audit trail knows of it; the audit trail is only added to
  --since TIME  only appointments and doctors with an event published since then; RFC 3339
  --job JOB     only this job: ${jobNames.join(", ")}
  --json        one JSON object a difference and line: job, aggregateId, kind (missing, extra, different), what, fields,
                mended, how; at last one: compared, found, mended, left, failures

Exit code 3 where a difference is not mended, 1 where something could not be asked.`;

function parse(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      repair: { type: "boolean", default: false },
      since: { type: "string" },
      job: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if (values.job !== undefined && !Object.hasOwn(jobs, values.job)) {
    throw new UsageError(`--job must be one of ${jobNames.join(", ")}`);
  }
  return { ...values, since: timeOf("since", values.since) };
}

function lineOf({ job, kind, what, aggregateId, fields, mended, how }: Reported, repair: boolean): string {
  const differing = fields ? ` (${fields.join(", ")})` : "";
  const became = mended ? "mended" : repair ? "not mended" : "found";
  return `${job.padEnd(13)} ${kind.padEnd(9)} ${aggregateId}  ${what}${differing}  ${became}: ${how}`;
}

function print(report: ReconcileReport, { print, note }: CommandContext): void {
  const { compared, found, mended, left, failures } = report;
  for (const [why, count] of Object.entries(left)) note(`${count} left: ${why}`);
  for (const failure of failures) note(failure);
  print(`${compared} appointments and doctors compared: ${found} differences, ${mended} mended`);
}

/** `consumer reconcile`: find and mend what the jobs' tables and the calendars have otherwise than the archive. */
export function createReconcileCommand(modules: readonly JobModule[]): Command {
  return {
    name: "reconcile",
    summary: "compare what the jobs keep, and the calendars, with the archive, and mend it",
    usage,
    async run(args, context) {
      const { repair, since, job, json } = parse(args);
      const { config, progress } = context;
      if (!config.producer) throw new UsageError("consumer reconcile needs PRODUCER_OPS_URL and PRODUCER_OPS_KEY");
      const report = await reconcile({
        sql: context.openDatabase(),
        config,
        archive: config.producer,
        modules: modules.filter(({ name }) => job === undefined || name === job),
        since,
        repair,
        actor: operator(),
        now: () => new Date(),
        report: (difference) => context.print(json ? JSON.stringify(difference) : lineOf(difference, repair)),
        progress: (text, fraction) => progress.show(text, fraction),
      });
      if (json) context.print(JSON.stringify(report));
      else print(report, context);
      if (report.failures.length > 0) return 1;
      return report.found > report.mended ? 3 : 0;
    },
  };
}
