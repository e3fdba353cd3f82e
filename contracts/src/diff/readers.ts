import { type Contract, type Job, jobs } from "../contract.ts";
import { expectedFields, type HttpPact, type Pact } from "../pacts.ts";
import { isWithin } from "../schema-fields.ts";
import { ENVELOPE, PAYLOAD } from "../project.ts";
import { topicMatches } from "../topic.ts";
import { arrayAt, type JsonObject, textAt } from "../json.ts";
import type { Declared } from "./declared.ts";
import { eventKey } from "./pair.ts";

/** One side of a comparison: the documents, and the pacts that prove what its jobs read. */
export interface Side {
  contract: Contract;
  pacts: Pact[];
  /** What its queues are declared with, where it has recorded that; otherwise it follows from the documents. */
  declared?: Declared | undefined;
  /** The OpenAPI document, where there is one, and the pacts of who calls it. */
  api?: JsonObject | undefined;
  httpPacts?: HttpPact[];
}

type EventVersion = Parameters<typeof eventKey>[0];

export interface Readers {
  jobNames: string[];
  /** The jobs that rely on what a keyword says about a place of an event, by x-reads or by their pact. */
  readersOf(event: EventVersion, field: string, keyword: string): { job: string; place: string }[];
  receiversOf(event: EventVersion): string[];
  /** Jobs whose queue gets what is sent with a routing key. */
  boundTo(exchange: string, routingKey: string): string[];
}

export function createReaders({ contract, pacts }: Side): Readers {
  const all = jobs(contract);
  const reads = new Map(all.map((job) => [job.name, fieldsOf(job, pacts)]));
  return {
    jobNames: all.map(({ name }) => name),
    readersOf(event, field, keyword) {
      const place = field === "" ? "$" : `$.${field}`;
      return all.filter(({ name }) =>
        reads.get(name)?.get(eventKey(event))?.some((read) => reliesOn(read, field, keyword))
      )
        .map(({ name }) => ({ job: name, place }));
    },
    receiversOf: (event) =>
      all.filter((job) => job.receives.some((received) => eventKey(received) === eventKey(event))).map(({ name }) =>
        name
      ),
    boundTo: (exchange, routingKey) =>
      all.filter(({ topology }) =>
        arrayAt(topology, "bindings").some((binding) =>
          textAt(binding, "exchange") === exchange && topicMatches(textAt(binding, "routingKey"), routingKey)
        )
      ).map(({ name }) => name),
  };
}

function fieldsOf(job: Job, pacts: Pact[]): Map<string, string[]> {
  const interactions = pacts.filter((pact) => pact.job === job.name).flatMap((pact) => pact.interactions);
  return new Map(job.receives.map(({ id, eventName, version }) => {
    const proven = interactions.filter((one) => one.eventName === eventName && one.version === version).flatMap(
      expectedFields,
    );
    return [eventKey({ eventName, version }), [...ENVELOPE, ...job.reads[id] ?? [], ...proven]];
  }));
}

/**
 * A job relies on a field that it reads, and on what is inside of it. Of the message and its payload it only relies on
 * being objects: which fields these have is said of each field. Undeclared fields it ignores everywhere.
 */
function reliesOn(read: string, field: string, keyword: string): boolean {
  if (keyword === "additionalProperties") return false;
  if (field === "") return keyword === "type";
  if (field === PAYLOAD) return read === PAYLOAD && ["type", "required"].includes(keyword);
  return read !== PAYLOAD && isWithin(field, read);
}
