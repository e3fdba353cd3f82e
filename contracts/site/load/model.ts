import {
  type Document,
  type Exchange,
  loadDocuments,
  type Message,
  type OperationBinding,
  type QueueSettings,
  refKey,
  resolve,
} from "./documents.ts";
import { type Field, listFields } from "./fields.ts";
import { loadPacts, type Pact, provenFields } from "./pacts.ts";

/** Which jobs read a field, and whether a pact proves it. */
export interface Reader {
  job: string;
  proven: boolean;
}

export interface EventPage {
  key: string;
  name: string;
  message: Message;
  operation: OperationBinding;
  exchange: Exchange;
  headers: Field[];
  fields: Field[];
  queues: JobPage[];
  readers: Map<string, Reader[]>;
}

export interface JobPage {
  name: string;
  summary: string;
  queue: string;
  settings: QueueSettings;
  reads: Record<string, string[]>;
  pact: Pact | undefined;
}

export interface Model {
  root: string;
  producer: Document;
  consumer: Document;
  exchange: Exchange;
  events: EventPage[];
  jobs: JobPage[];
}

/** The five required fields of the envelope, which every job reads. */
export const envelope = [
  "eventName",
  "aggregateId",
  "timestamp",
  "version",
  "payload",
];

function readersOf(
  jobs: JobPage[],
  key: string,
  eventName: string,
  fields: Field[],
): Map<string, Reader[]> {
  return new Map(fields.map(({ path }) => {
    const readers = jobs.filter(({ reads }) => reads[key]).flatMap(
      (job): Reader[] => {
        const proven = job.pact ? provenFields(job.pact, eventName).has(path) : false;
        const listed = (job.reads[key] ?? []).some((read) => path === read || path.startsWith(`${read}[`));
        return proven || listed || envelope.includes(path) ? [{ job: job.name, proven }] : [];
      },
    );
    return [path, readers];
  }));
}

/** Everything that the pages show, read from the documents, the pacts and the releases. */
export async function loadModel(root: string): Promise<Model> {
  const { producer, consumer } = await loadDocuments(root);
  const pacts = await loadPacts(root);

  const jobs = Object.entries(consumer.operations).map(
    ([name, operation]): JobPage => {
      const channel = resolve<Document["channels"][string]>(
        consumer,
        operation.channel,
      );
      return {
        name,
        summary: operation.summary,
        queue: channel.address,
        settings: channel["x-rabbitmq"] as QueueSettings,
        reads: operation["x-reads"] ?? {},
        pact: pacts.find((pact) => pact.job === name),
      };
    },
  );

  const events = Object.values(producer.operations).map(
    (operation): EventPage => {
      const channel = resolve<Document["channels"][string]>(
        producer,
        operation.channel,
      );
      const key = refKey(operation.messages[0] as { $ref: string });
      const message = resolve<Message>(
        producer,
        operation.messages[0] as { $ref: string },
      );
      const fields = listFields(producer, message.payload);
      return {
        key,
        name: channel.address,
        message,
        operation: operation.bindings?.amqp ?? {},
        exchange: channel.bindings.amqp.exchange as Exchange,
        headers: message.headers ? listFields(producer, message.headers) : [],
        fields,
        queues: jobs.filter(({ reads }) => reads[key]),
        readers: readersOf(jobs, key, channel.address, fields),
      };
    },
  );
  return {
    root,
    producer,
    consumer,
    exchange: events[0]?.exchange as Exchange,
    events,
    jobs,
  };
}
