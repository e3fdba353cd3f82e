import { Buffer } from "node:buffer";
import { type Contract, jobs, sentEvents } from "../contract.ts";
import { arrayAt, textAt } from "../json.ts";
import type { Servers } from "../servers.ts";
import { topicMatches } from "../topic.ts";
import { type Handled, type RunningConsumer, startConsumer } from "../wire/consumer-process.ts";
import { createPrivateServers } from "../wire/private-servers.ts";
import { createHistories, type Message } from "./histories.ts";
import { mutate } from "./mutation.ts";

export interface FuzzReport {
  valid: number;
  mutated: number;
  /** Deliveries to a job that had to end in its dead letters, and did. */
  refused: number;
  problems: string[];
}

/** What one job has to make of one message. */
interface Expectation {
  job: string;
  message: Message;
  what: string;
  dead: boolean;
}

const DOCTORS = 20;
const LONGEST = 4;
const WAIT_MS = 30_000;
const ENVELOPE = ["eventName", "aggregateId", "timestamp", "version", "payload"];

/**
 * Publishes generated messages to the running consumer of `root`: valid ones, a tenth of them twice, and as many with
 * one mutation each, which only the jobs that read the mutated field may refuse.
 */
export async function fuzz(
  root: string,
  contract: Contract,
  servers: Servers,
  { seed, count }: { seed: number; count: number },
): Promise<FuzzReport> {
  const { messages, expectations } = plan(contract, seed, count);
  const own = await createPrivateServers(servers, "fuzz");
  try {
    const consumer = await startConsumer(root, own);
    try {
      for (const [index, message] of messages.entries()) {
        await publish(consumer, message);
        if (index % 10 === 0) await publish(consumer, message);
      }
      const handled = await consumer.handled(expectations.length, WAIT_MS);
      const problems = [...compare(expectations, handled), ...await consumer.effectsTwice()];
      if (!consumer.isRunning()) problems.unshift("the consumer died");
      const refused = expectations.filter(({ dead }) => dead).length;
      return { valid: count, mutated: count, refused, problems };
    } finally {
      await consumer.stop();
    }
  } finally {
    await own.drop();
  }
}

function plan(contract: Contract, seed: number, count: number) {
  const histories = createHistories(sentEvents(contract), seed, DOCTORS);
  const valid = [...histories.doctors];
  while (valid.length < count) valid.push(...histories.appointment(LONGEST));
  const messages = valid.slice(0, count);
  const expectations = messages.flatMap((message) => expect(contract, message, "valid", () => false));
  for (let index = 0; index < count; index++) {
    // What comes before the mutated message is valid, so that only the mutation can be at fault.
    const history = histories.appointment(2);
    const last = history.pop() as Message;
    const { message, what, field } = mutate(last, seed + index);
    messages.push(...history, message);
    expectations.push(
      ...history.flatMap((before) => expect(contract, before, "valid, before a mutated one", () => false)),
      ...expect(contract, message, what, (reads) => field !== undefined && reads.includes(field)),
    );
  }
  return { messages, expectations };
}

/** One expectation for each job whose queue the message reaches. */
function expect(
  contract: Contract,
  message: Message,
  what: string,
  isDead: (reads: string[]) => boolean,
): Expectation[] {
  const { routingKey, id } = message.event;
  return jobs(contract)
    .filter(({ topology }) =>
      arrayAt(topology, "bindings").some((binding) => topicMatches(textAt(binding, "routingKey"), routingKey))
    )
    .map(({ name, reads }) => ({ job: name, message, what, dead: isDead([...ENVELOPE, ...(reads[id] ?? [])]) }));
}

function compare(expectations: Expectation[], handled: Handled[]): string[] {
  const outcomes = new Map(handled.map((one) => [`${one.job} ${one.eventKey}`, one]));
  return expectations.flatMap(({ job, message, what, dead }) => {
    const outcome = outcomes.get(`${job} ${message.messageId}`);
    if (!outcome) return [`${job} ${message.messageId} (${what}): neither effect nor dead letter`];
    if (dead && outcome.deadBecause === undefined) return [`${job} ${message.messageId} (${what}): took effect`];
    if (!dead && outcome.deadBecause !== undefined) {
      return [`${job} ${message.messageId} (${what}): dead letter, ${outcome.deadBecause}`];
    }
    return [];
  });
}

function publish(consumer: RunningConsumer, { event, body, messageId }: Message): Promise<void> {
  return consumer.publish({
    exchange: textAt(event.exchange, "name"),
    routingKey: event.routingKey,
    body: Buffer.from(JSON.stringify(body)),
    properties: { messageId, type: event.eventName, contentType: "application/json", persistent: true },
  });
}
