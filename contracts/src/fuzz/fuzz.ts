import { Buffer } from "node:buffer";
import { type Contract, sentEvents } from "../contract.ts";
import { textAt } from "../json.ts";
import type { Servers } from "../servers.ts";
import { loadServices } from "../project.ts";
import type { RunningConsumer } from "../services.ts";
import { createPrivateServers } from "../wire/private-servers.ts";
import { effectProblems } from "./effect-problems.ts";
import { expectationsOf, outcomeProblems } from "./expectation.ts";
import { createHistories, type Message } from "./histories.ts";
import { mutate } from "./mutation.ts";

export interface FuzzReport {
  valid: number;
  mutated: number;
  /** Deliveries to a job that had to end in its dead letters, and did. */
  refused: number;
  problems: string[];
}

const DOCTORS = 20;
const LONGEST = 4;
const WAIT_MS = 30_000;
/** One history in so many is an erasure. */
const ERASURE_EVERY = 10;

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
    const { startConsumer } = await loadServices();
    const consumer = await startConsumer(root, own);
    try {
      for (const [index, message] of messages.entries()) {
        await publish(consumer, message);
        if (index % 10 === 0) await publish(consumer, message);
      }
      const handled = await consumer.handled(expectations.length, WAIT_MS);
      const problems = [
        ...outcomeProblems(expectations, handled),
        ...effectProblems(expectations, await consumer.effects()),
      ];
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
  for (let made = 1; valid.length < count; made++) {
    valid.push(...(made % ERASURE_EVERY === 0 ? [histories.erasure()] : histories.appointment(LONGEST)));
  }
  const messages = valid.slice(0, count);
  const expectations = messages.flatMap((message) => expectationsOf(contract, message, "valid"));
  for (let index = 0; index < count; index++) {
    // What comes before the mutated message is valid, so that only the mutation can be at fault.
    const history = index % ERASURE_EVERY === 0 ? [histories.erasure()] : histories.appointment(2);
    const last = history.pop() as Message;
    const { message, what, field } = mutate(last, seed + index);
    messages.push(...history, message);
    expectations.push(
      ...history.flatMap((before) => expectationsOf(contract, before, "valid, before a mutated one")),
      ...expectationsOf(contract, message, what, field),
    );
  }
  return { messages, expectations };
}

function publish(consumer: RunningConsumer, { event, body, messageId }: Message): Promise<void> {
  return consumer.publish({
    exchange: textAt(event.exchange, "name"),
    routingKey: event.routingKey,
    body: Buffer.from(JSON.stringify(body)),
    properties: { messageId, type: event.eventName, contentType: "application/json", persistent: true },
  });
}
