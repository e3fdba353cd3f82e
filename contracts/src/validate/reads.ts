import { CONSUMER_DOCUMENT, type Contract, type Job, jobs, type SentEvent, sentEvents } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { at, sameJson } from "../json.ts";
import { PAYLOAD } from "../project.ts";

/** Jobs receive the producer's own messages, and read fields that these have. */
export function readProblems(contract: Contract): Problem[] {
  const sent = new Map(sentEvents(contract).map((event) => [event.id, event]));
  return jobs(contract).flatMap((job) => [
    ...unsentMessages(job, sent),
    ...missingReads(job),
    ...Object.entries(job.reads).flatMap(([id, fields]) => wrongReads(job, id, fields, sent.get(id))),
  ]);
}

function unsentMessages(job: Job, sent: Map<string, SentEvent>): Problem[] {
  return job.receives.flatMap(({ id, message }) => {
    const path = ["channels", job.channelId, "messages", id];
    const event = sent.get(id);
    if (event === undefined) return [problem(path, "refers to a message that the producer does not send")];
    return sameJson(message, event.message)
      ? []
      : [problem(path, "is not the producer's message: refer to it by $ref")];
  });
}

function missingReads(job: Job): Problem[] {
  return job.receives
    .filter(({ id }) => job.reads[id] === undefined)
    .map(({ id }) => problem(["operations", job.name, "x-reads"], `says nothing about ${id}, which the job receives`));
}

function wrongReads(job: Job, id: string, fields: string[], event: SentEvent | undefined): Problem[] {
  const path = ["operations", job.name, "x-reads", id];
  if (!job.receives.some((message) => message.id === id)) {
    return [problem(path, "is a message that the job does not receive")];
  }
  return fields.flatMap((field, index) => {
    if (fields.indexOf(field) !== index) return [problem([...path, index], `lists ${field} twice`)];
    if (event === undefined || hasField(event, field)) return [];
    return [problem([...path, index], `reads ${field}, which ${event.eventName} does not have`)];
  });
}

function hasField(event: SentEvent, field: string): boolean {
  const [first = "", second, ...deeper] = field.split(".");
  if (second === undefined) return at(event.payload, "properties", first) !== undefined;
  if (first !== PAYLOAD || deeper.length > 0) return false;
  return at(event.payload, "properties", PAYLOAD, "properties", second) !== undefined;
}

function problem(path: (string | number)[], reason: string): Problem {
  return { document: CONSUMER_DOCUMENT, path, reason };
}
