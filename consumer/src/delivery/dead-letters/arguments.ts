import { parseArgs } from "node:util";
import { UsageError } from "../../cli/command.ts";
import { jobs } from "../../generated/jobs.ts";
import type { DeadLetterFilter } from "./dead-letter-store.ts";

const jobNames: string[] = Object.keys(jobs);

export const usage = `Usage: consumer dlq list [GROUP] [--settled] [--limit N] [--json]
       consumer dlq groups [--json]
       consumer dlq show ID [--json]
       consumer dlq replay ID...|GROUP|--all [--accept] [--rate N] [--why TEXT] [--json]
       consumer dlq discard ID...|GROUP|--all --why TEXT [--json]

Dead letters are the messages that a job gave up, kept in the database with reason, headers and body.

list     those that nobody has settled, oldest first; with --settled also the others
groups   how many there are of each job, reason and cause, and so of failed and unknown sends
show     one of them whole
replay   puts them back into their job's queue, at most --rate a second (default 50); with --accept, an event whose
         version another event had (version-conflict) takes the other's place: the producer has lost that one
discard  gives them up for good

GROUP is one or more of these; who names none has to say --all:

  --job JOB        ${jobNames.join(", ")}
  --reason REASON  why the job gave them up
  --event EVENT    what they tell, such as appointment.created
  --cause TEXT     what their errors have in common, as groups shows it

  --limit N  at most N rows (100)
  --json     one JSON object a dead letter (groups: a group) and line: list and show with all that is known of it (body, or bodyBase64 of
             what is no text), replay and discard id and what was done: replayed, accepted or discarded`;

const options = {
  job: { type: "string" },
  reason: { type: "string" },
  event: { type: "string" },
  cause: { type: "string" },
  settled: { type: "boolean", default: false },
  limit: { type: "string", default: "100" },
  all: { type: "boolean", default: false },
  accept: { type: "boolean", default: false },
  rate: { type: "string", default: "50" },
  why: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

const actions = ["list", "groups", "show", "replay", "discard"] as const;
export type Action = typeof actions[number];

function isAction(word: string): word is Action {
  return (actions as readonly string[]).includes(word);
}

export type Values = ReturnType<typeof parse>["values"];

export function parse(args: string[]) {
  const { values, positionals: [subcommand, ...ids] } = parseArgs({ args, allowPositionals: true, options });
  if (subcommand === undefined || !isAction(subcommand)) {
    throw new UsageError("consumer dlq needs list, groups, show, replay or discard");
  }
  const wrong = ids.find((id) => !/^[1-9]\d{0,17}$/.test(id));
  if (wrong !== undefined) throw new UsageError(`${wrong} is not the id of a dead letter`);
  if (values.job !== undefined && !jobNames.includes(values.job)) {
    throw new UsageError(`There is no job ${values.job}: --job must be one of ${jobNames.join(", ")}`);
  }
  if (values.accept && subcommand !== "replay") throw new UsageError("--accept goes with consumer dlq replay");
  return { action: subcommand, ids, values };
}

export function atLeastOne(name: string, value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new UsageError(`--${name} must be a whole number from 1 to 999999`);
  return Number(value);
}

/** What chooses a group of them. */
export function filterOf({ job, reason, event, cause }: Values): DeadLetterFilter {
  return { job, reason, event, cause };
}
