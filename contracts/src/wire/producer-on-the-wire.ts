import { type Contract, sentEvents } from "../contract.ts";
import { textAt } from "../json.ts";
import type { Servers } from "../servers.ts";
import { loadServices } from "../project.ts";
import type { KeyRow, Walk, WalkOptions } from "../services.ts";
import { createAnswerCheck } from "./answer-violations.ts";
import { type Capture, startCapture, type WireMessage } from "./capture.ts";
import { createPrivateServers } from "./private-servers.ts";
import { ServiceFailed } from "./service-failed.ts";
import { publicationViolations, recordPublications } from "./publications.ts";
import { describedTopology, producersPart, readTopology, topologyViolations } from "./topology.ts";
import type { WireViolation } from "./wire-violations.ts";

export interface ProducerOnTheWire {
  /** Brings a provider state about by requests, and takes the message that then comes out of RabbitMQ. */
  emit(state: string, optionalFields: boolean): Promise<WireMessage>;
  /** Everything that came out of RabbitMQ so far, in order. */
  messages: Capture["messages"];
  /** Waits until all of the outbox has come out of RabbitMQ. Answers with the events that did not leave it. */
  settle(): Promise<string[]>;
  /** Writes an event that no queue takes, so that it stays in the outbox until `release` is called. */
  holdBack(): Promise<{ release(): Promise<void> }>;
  /** What is wrong with the answers to all requests so far, by the OpenAPI document. */
  answerViolations(): WireViolation[];
  /** What the producer answers to who may ask everything; with a body, to a POST. */
  answer(path: string, body?: string): Promise<Response>;
  /** Walks the model's commands, and answers with where the producer told something else. */
  walk(options: WalkOptions): Promise<Walk>;
  /** What a reader needs for the messages that are encrypted. */
  keys(): Promise<KeyRow[]>;
  /** The names of all. */
  states: string[];
  /** What the broker says of all that was published, and of what the producer declared. */
  brokerViolations(): Promise<WireViolation[]>;
}

/** Runs the producer of `root` on servers of its own while `body` makes it publish. */
export async function withProducerOnTheWire<T>(
  root: string,
  contract: Contract,
  servers: Servers,
  body: (producer: ProducerOnTheWire) => Promise<T>,
): Promise<T> {
  const own = await createPrivateServers(servers, "producer");
  const exchange = textAt(sentEvents(contract)[0]?.exchange, "name");
  try {
    const publications = await recordPublications(own);
    const answers = createAnswerCheck(root);
    const { startProducer } = await loadServices();
    const producer = await startProducer(root, own, answers.see);
    try {
      const capture = await startCapture(own.amqpUrl, exchange);
      try {
        const settle = async () => {
          const left = await producer.untilOutboxIsEmpty();
          await capture.flush();
          return left;
        };
        return await body({
          messages: capture.messages,
          async emit(name, optionalFields) {
            const state = producer.states[name];
            if (!state) throw new Error(`no provider state is called "${name}"`);
            const { eventName, aggregateId, aggregateVersion } = await state(optionalFields);
            return await capture.take(eventName, aggregateId, aggregateVersion);
          },
          settle,
          async holdBack() {
            let release = () => {};
            let written = () => {};
            const isWritten = new Promise<void>((resolve) => written = resolve);
            const isBound = capture.unbound(async () => {
              await producer.emitAny();
              written();
              await new Promise<void>((resolve) => release = resolve);
            });
            await Promise.race([isWritten, isBound]);
            return {
              async release() {
                release();
                await isBound;
                await settle();
              },
            };
          },
          answerViolations: answers.violations,
          answer: producer.answer,
          walk: (options) => producer.walk({ capture, settle }, options),
          keys: producer.keys,
          states: Object.keys(producer.states),
          async brokerViolations() {
            const published = await publications.of(exchange, capture.messages.size);
            const declared = await readTopology(own);
            return [
              ...publicationViolations(published, exchange),
              ...topologyViolations(declared, producersPart(describedTopology(contract), exchange)),
            ];
          },
        });
      } finally {
        await capture.close();
      }
    } finally {
      await producer.stop();
      await publications.close();
    }
  } finally {
    await own.drop();
  }
}

export interface Captured {
  messages: WireMessage[];
  keys: KeyRow[];
}

/** Every message of every provider state, in the order of the wire: whole histories, from the doctor on; with their keys. */
export async function captureEverything(root: string, contract: Contract, servers: Servers): Promise<Captured> {
  return await withProducerOnTheWire(root, contract, servers, async ({ emit, messages, settle, keys, states }) => {
    for (const state of states) {
      for (const optionalFields of [false, true]) await emit(state, optionalFields);
    }
    const left = await settle();
    if (left.length > 0) throw new ServiceFailed(`the relay published no ${left.join(", ")}`);
    return { messages: [...messages], keys: await keys() };
  });
}
