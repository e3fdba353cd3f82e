import { type Contract, type Job, jobs, type SentEvent, sentEvents } from "../contract.ts";
import { personalFields } from "../diff/personal-data.ts";
import { arrayAt, at, type Json, objectAt, type Path } from "../json.ts";
import { expectedFields, type Pact } from "../pacts.ts";
import { ENVELOPE } from "../../template/src/reader-schema.mjs";

/** One field of one event: who reads it, and whom else it reaches. */
export interface FieldReport {
  event: SentEvent;
  /** `actor` or `payload.doctorId`. */
  field: string;
  required: boolean;
  personal: boolean;
  readers: Reader[];
  /** Jobs that get the message and do not read the field. */
  reaches: string[];
  /** Where the field is in the producer's effective document. */
  path: Path;
}

export interface Reader {
  job: string;
  /** Its pact expects the field; otherwise only x-reads says so. */
  proven: boolean;
}

/** Every field of every event. A list or an object inside of the payload counts as one field. */
export function fieldReports(contract: Contract, pacts: Pact[]): FieldReport[] {
  const receivers = jobs(contract);
  return sentEvents(contract).flatMap((event) => {
    const personal = personalFields(event.payload);
    const jobsOfEvent = receivers.filter((job) => job.receives.some(({ id }) => id === event.id));
    return fieldsOf(event).map(({ field, required, path }) => {
      const readers = jobsOfEvent.filter((job) => reads(job, event, field))
        .map((job) => ({ job: job.name, proven: isProven(job, event, field, pacts) }));
      const reaches = jobsOfEvent.map(({ name }) => name).filter((name) => !readers.some(({ job }) => job === name));
      const isPersonal = [...personal].some((name) => name === field || name.startsWith(`${field}.`));
      return { event, field, required, personal: isPersonal, readers, reaches, path };
    });
  });
}

function fieldsOf(event: SentEvent): { field: string; required: boolean; path: Path }[] {
  const describe = (owner: Json | undefined, prefix: string, path: Path) =>
    Object.keys(objectAt(owner, "properties")).map((key) => ({
      field: `${prefix}${key}`,
      required: arrayAt(owner, "required").includes(key),
      path: [...path, "properties", key],
    }));
  const root = [...event.path, "payload"];
  const payload = at(event.payload, "properties", "payload");
  return [
    ...describe(event.payload, "", root).filter(({ field }) => field !== "payload"),
    ...describe(payload, "payload.", [...root, "properties", "payload"]),
  ];
}

function reads(job: Job, event: SentEvent, field: string): boolean {
  return ENVELOPE.includes(field) || (job.reads[event.id]?.includes(field) ?? false);
}

function isProven(job: Job, event: SentEvent, field: string, pacts: Pact[]): boolean {
  return pacts.some((pact) =>
    pact.job === job.name &&
    pact.interactions.some((one) => one.eventName === event.eventName && expectedFields(one).includes(field))
  );
}
