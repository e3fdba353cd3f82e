import { CONSUMER_DOCUMENT, type Contract, type Job, jobs, PRODUCER_DOCUMENT, type SentEvent } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { at, objectAt } from "../json.ts";
import { PAYLOAD } from "../project.ts";
import { isWithin } from "../schema-fields.ts";
import type { FieldReport } from "./field-report.ts";

/** On a receive operation: message id → why the job may get personal data of it that it does not read. */
export const ACCEPTED = "x-personal-data-accepted";

/**
 * A field that nobody reads is a note: a producer may be ahead of its subscribers. So is personal data in a message
 * that a job reads for other fields, as a topic exchange delivers whole messages. Where the job reads nothing of the
 * payload, its queue need not be bound to the event: that is an error unless the consumer's document accepts it.
 */
export function fieldProblems(contract: Contract, reports: FieldReport[]): Problem[] {
  return [
    ...outermost(reports.filter(({ readers }) => readers.length === 0)).map(({ event, field, path }): Problem => ({
      document: PRODUCER_DOCUMENT,
      path,
      reason: `nobody reads ${field} of ${event.eventName}`,
      level: "note",
    })),
    ...jobs(contract).flatMap((job) => personalProblems(job, acceptedBy(contract, job), reports)),
  ];
}

function personalProblems(job: Job, accepted: string[], reports: FieldReport[]): Problem[] {
  const unread = outermost(reports.filter(({ personal, reaches }) => personal && reaches.includes(job.name)));
  const stale = accepted.filter((id) => !unread.some(({ event }) => event.id === id)).map((id): Problem => ({
    document: CONSUMER_DOCUMENT,
    path: ["operations", job.name, ACCEPTED, id],
    reason: `accepts personal data of ${id}, but none reaches ${job.name} unread`,
  }));
  const unaccepted = unread.filter(({ event }) => !accepted.includes(event.id));
  return [...unaccepted.map(({ event, field }) => personalProblem(job, event, field)), ...stale];
}

/** What is said of a list or an object is not said again of each field inside of it. */
function outermost(reports: FieldReport[]): FieldReport[] {
  const contains = (outer: FieldReport, { event, field }: FieldReport) =>
    outer.event === event && outer.field !== field && isWithin(field, outer.field);
  return reports.filter((report) => !reports.some((outer) => contains(outer, report)));
}

function personalProblem(job: Job, event: SentEvent, field: string): Problem {
  const needed = job.reads[event.id]?.some((read) => PAYLOAD === undefined || read.startsWith(`${PAYLOAD}.`)) ?? false;
  const why = needed
    ? "which it gets with the fields that it reads"
    : `and it reads nothing of that payload: bind its queue to other keys, or say in ${ACCEPTED} why not`;
  return {
    document: CONSUMER_DOCUMENT,
    path: ["operations", job.name, "x-reads", event.id],
    reason: `${job.name} does not need the personal ${field} of ${event.eventName}, ${why}`,
    level: needed ? "note" : "error",
  };
}

function acceptedBy({ consumer }: Contract, job: Job): string[] {
  return Object.keys(objectAt(at(consumer, "operations", job.name), ACCEPTED));
}
