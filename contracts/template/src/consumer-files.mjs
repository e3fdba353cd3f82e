import { literal } from "./literal.mjs";
import { anyVersion, describeMessage, encryptedForms, groupByEvent, renderEventNames } from "./messages.mjs";
import { upperFirst } from "./naming.mjs";
import { readerSchema } from "./reader-schema.mjs";
import { describeOwnExchange, describeQueue, describeSourceExchange } from "./topology.mjs";
import { createValibotEmitter } from "./valibot.mjs";

/** The consumer's modules: what each job reads, tolerant of the rest, and the queues that it owns. */
export function consumerFiles(asyncapi, settings) {
  const jobs = asyncapi.operations().filterByReceive().map((operation) => {
    const reads = operation.extensions().get("x-reads").value();
    const events = operation.messages().all().map((message) => describeMessage(message, settings));
    return {
      name: operation.id(),
      queue: describeQueue(operation.channels().all()[0], settings),
      events: events.map((event) => ({
        ...event,
        schema: readerSchema(event.schema, reads[event.id], settings.envelope),
      })),
    };
  });
  return {
    "events.ts": renderEvents(asyncapi, settings),
    "jobs.ts": renderJobs(jobs, settings),
    "topology.ts": renderTopology(asyncapi, jobs),
  };
}

function renderEvents(asyncapi, settings) {
  const messages = asyncapi.components().messages().all().map((message) => describeMessage(message, settings));
  const { names, oldest, newest } = renderEventNames(messages);
  return `${names}
export type EventName = (typeof eventNames)[keyof typeof eventNames];

${oldest}
${newest}
/** The version of an event whose personal fields are encrypted, the versions that it stands for, and those fields. */
export const encryptedForms: Partial<
  Record<EventName, { version: number; plainVersions: readonly number[]; fields: readonly string[] }>
> = ${literal(encryptedForms(messages))};
`;
}

function renderJobs(jobs, { formats, envelope }) {
  const emitter = createValibotEmitter({ strict: false, formats });
  const schemaName = (job, event) => `${job.name}${upperFirst(event.id)}Schema`;
  const schemas = jobs.flatMap((job) =>
    job.events.map((event) =>
      `export const ${schemaName(job, event)} = ${emitter.emit(event.schema, `${job.name}/${event.id}`)};\n`
    )
  );
  const table = jobs.map((job) =>
    `  ${job.name}: {
    queue: ${JSON.stringify(job.queue.name)},
    events: {
${
      groupByEvent(job.events).map((versions) =>
        `      ${JSON.stringify(versions[0].eventName)}: ${
          anyVersion(versions.map((event) => schemaName(job, event)), envelope)
        },\n`
      ).join("")
    }    },
  },\n`
  );
  const unions = jobs.map((job) =>
    `export type ${upperFirst(job.name)}Event =
${job.events.map((event) => `  | v.InferOutput<typeof ${schemaName(job, event)}>`).join("\n")};\n`
  );
  return `import * as v from "valibot";
${emitter.imports()}
${emitter.constants()}
${schemas.join("\n")}
export const jobs = {
${table.join("")}} as const;

export type JobName = keyof typeof jobs;

${unions.join("\n")}`;
}

function renderTopology(asyncapi, jobs) {
  const exchanges = asyncapi.extensions().get("x-rabbitmq").value().exchanges;
  const queues = Object.fromEntries(
    jobs.map(({ name, queue }) => [name, queue]),
  );
  return `import type { JobName } from "./jobs.ts";

export type QueueArguments = Readonly<Record<string, string | number | boolean>>;

export interface RetryDelay {
  name: string;
  queue: string;
  routingKey: string;
  ttlMs: number;
  arguments: QueueArguments;
}

export interface JobQueue {
  name: string;
  bindings: readonly { exchange: string; routingKey: string }[];
  arguments: QueueArguments;
  deadLetter: { exchange: string; queue: string; routingKey: string; arguments: QueueArguments };
  /** \`routingKey\` binds the job's own queue to the retry exchange: what has waited comes back by it. */
  retry: { exchange: string; routingKey: string; delays: readonly RetryDelay[] };
}

export const sourceExchange = ${literal(describeSourceExchange(asyncapi))} as const;

export const deadLetterExchange = ${literal(describeOwnExchange(exchanges.deadLetter))} as const;

export const retryExchange = ${literal(describeOwnExchange(exchanges.retry))} as const;

export const queues: Record<JobName, JobQueue> = ${literal(queues)};
`;
}
