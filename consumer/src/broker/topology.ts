import type { Channel, ChannelModel } from "amqplib";
import type { JobName } from "../generated/jobs.ts";
import { deadLetterExchange, type JobQueue, queues, retryExchange, sourceExchange } from "../generated/topology.ts";
import { FatalBrokerError } from "./connection.ts";
import { type DeclaredQueue, queuesOf } from "./job-queues.ts";

export type Topology = Readonly<Record<JobName, JobQueue>>;

/** The contract's queues, with another length limit where `maxLength` says so. */
export function topologyWith(maxLength: number | undefined): Topology {
  if (maxLength === undefined) return queues;
  const limited = Object.entries(queues).map(([job, queue]) => [
    job,
    { ...queue, arguments: { ...queue.arguments, "x-max-length": maxLength } },
  ]);
  return Object.fromEntries(limited) as Topology;
}

const durable = { durable: true, exclusive: false, autoDelete: false } as const;

export async function declareQueue(channel: Channel, queue: DeclaredQueue): Promise<void> {
  await channel.assertQueue(queue.name, { ...durable, arguments: queue.arguments });
  for (const { exchange, routingKey } of queue.bindings) await channel.bindQueue(queue.name, exchange, routingKey);
}

/** An error closes the channel, so each step that may fail has one of its own. */
export async function onChannel<Result>(
  model: ChannelModel,
  task: (channel: Channel) => Promise<Result>,
): Promise<Result> {
  const channel = await model.createChannel();
  channel.on("error", () => {});
  const result = await task(channel);
  await channel.close();
  return result;
}

/** The AMQP reply code of an error: 403, 404, 406, … */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function explain(error: unknown): unknown {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const mismatch = /inequivalent arg '([^']+)' for (\w+) '([^']+)'.*?received (.+?) but current is (.+?)"?$/
    .exec(message);
  if (code === 406 && mismatch) {
    const [, argument, kind, name] = mismatch;
    const [wanted, found] = mismatch.slice(4).map((value) => /'(.*)'/.exec(value)?.[1] ?? value);
    const remedy = kind === "queue" ? `; \`consumer queues recreate ${name}\` moves its messages to a new one` : "";
    return new FatalBrokerError(`The ${kind} ${name} has ${argument} = ${found}, wanted ${wanted}${remedy}`, {
      cause: error,
    });
  }
  if (code === 406) return new FatalBrokerError(message, { cause: error });
  return error;
}

/** The producer's exchange. A user who may not declare it looks whether it is there: the producer comes first then. */
async function declareSourceExchange(model: ChannelModel): Promise<void> {
  const { name, type, options } = sourceExchange;
  try {
    await onChannel(model, (channel) => channel.assertExchange(name, type, options));
  } catch (error) {
    if (codeOf(error) !== 403) throw error;
    await onChannel(model, (channel) => channel.checkExchange(name));
  }
}

/**
 * Declares the exchanges and the given queues with all that stands behind them. Throws a FatalBrokerError that names
 * the argument and both values where the broker holds something else.
 */
export async function declareTopology(model: ChannelModel, queues: readonly JobQueue[]): Promise<void> {
  try {
    await declareSourceExchange(model);
    await onChannel(model, async (channel) => {
      for (const { name, type, options } of [deadLetterExchange, retryExchange]) {
        await channel.assertExchange(name, type, options);
      }
      for (const queue of queues.flatMap(queuesOf)) await declareQueue(channel, queue);
    });
  } catch (error) {
    throw explain(error);
  }
}
