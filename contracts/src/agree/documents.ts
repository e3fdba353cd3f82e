import { readerSchema } from "../../template/src/reader-schema.mjs";
import {
  CONSUMER_DOCUMENT,
  type Contract,
  type Job,
  jobs,
  PRODUCER_DOCUMENT,
  type SentEvent,
  sentEvents,
} from "../contract.ts";
import type { Problem } from "../finding.ts";
import { arrayAt, at, entriesAt, isObject, type Json } from "../json.ts";
import { project } from "../project.ts";

/** The producer only sends and the consumer only receives: that is what the pacts are about. */
export function flippedActions({ producer, consumer }: Contract): Problem[] {
  const flipped = (document: string, effective: Json, action: string): Problem[] =>
    entriesAt(effective, "operations")
      .filter(([, operation]) => at(operation, "action") !== action)
      .map(([name, operation]) => ({
        document,
        path: ["operations", name, "action"],
        reason: `is ${JSON.stringify(at(operation, "action"))}, in this document it must be "${action}"`,
      }));
  return [...flipped(PRODUCER_DOCUMENT, producer, "send"), ...flipped(CONSUMER_DOCUMENT, consumer, "receive")];
}

/**
 * Fields that a job's generated schema demands though the producer may leave them out. `generatedFrom` is the
 * consumer's bundled document, which its code was generated from; the producer's may have moved on since.
 */
export function omittableNeeds(contract: Contract, generatedFrom: Contract): Problem[] {
  const sent = new Map(sentEvents(contract).map((event) => [event.id, event]));
  return jobs(generatedFrom).flatMap((job) =>
    job.receives.flatMap(({ id, message }) => {
      const event = sent.get(id);
      const demanded = requiredFields(readerSchema(at(message, "payload"), job.reads[id] ?? [], project.envelope));
      return event === undefined ? [] : omittable(job, event, demanded);
    })
  );
}

function omittable(job: Job, event: SentEvent, demanded: string[]): Problem[] {
  const promised = new Set(requiredFields(event.payload));
  return demanded.filter((field) => !promised.has(field)).map((field) => {
    const index = job.reads[event.id]?.findIndex((read) => field === read || field.startsWith(`${read}.`)) ?? -1;
    return {
      document: CONSUMER_DOCUMENT,
      path: ["operations", job.name, "x-reads", event.id, ...(index < 0 ? [] : [index])],
      reason: `${job.name} needs ${field} of ${event.eventName}, which the producer may omit`,
    };
  });
}

/** `payload.workingHours.*.start` for a field that each item of a list has. */
function requiredFields(schema: Json | undefined): string[] {
  if (isObject(at(schema, "items"))) return requiredFields(at(schema, "items")).map((field) => `*.${field}`);
  return arrayAt(schema, "required").map(String).flatMap((key) => [
    key,
    ...requiredFields(at(schema, "properties", key)).map((field) => `${key}.${field}`),
  ]);
}
