import { type Contract, type Job, jobs, type SentEvent, sentEvents } from "../contract.ts";
import type { Path } from "../json.ts";
import { expectedPlaces, type Pact } from "../pacts.ts";
import { isWithin, schemaFields } from "../schema-fields.ts";
import { ENVELOPE, PAYLOAD } from "../project.ts";

/** One field of one event: who reads it, and whom else it reaches. */
export interface FieldReport {
  event: SentEvent;
  /** `actor`, `payload.doctorId` or `payload.workingHours[*].start`. */
  field: string;
  /** Of the object that it is in. */
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

/** Every field of every event, at any depth. */
export function fieldReports(contract: Contract, pacts: Pact[]): FieldReport[] {
  const receivers = jobs(contract);
  return sentEvents(contract).flatMap((event) => {
    const jobsOfEvent = receivers.filter((job) => job.receives.some(({ id }) => id === event.id));
    const described = schemaFields(event.payload).filter(({ field }) => field !== PAYLOAD);
    return described.map(({ field, required, personal, path }) => {
      const readers = jobsOfEvent.filter((job) => reads(job, event, field))
        .map((job) => ({ job: job.name, proven: isProven(job, event, field, pacts) }));
      const reaches = jobsOfEvent.map(({ name }) => name).filter((name) => !readers.some(({ job }) => job === name));
      return { event, field, required, personal, readers, reaches, path: [...event.path, "payload", ...path] };
    });
  });
}

/** Who reads a list or an object reads what is inside of it. */
function reads(job: Job, event: SentEvent, field: string): boolean {
  return ENVELOPE.includes(field) || (job.reads[event.id]?.some((read) => isWithin(field, read)) ?? false);
}

function isProven(job: Job, event: SentEvent, field: string, pacts: Pact[]): boolean {
  return pacts.some((pact) =>
    pact.job === job.name &&
    pact.interactions.some((one) =>
      one.eventName === event.eventName && one.version === event.version &&
      expectedPlaces(one).has(field)
    )
  );
}
