import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelModel } from "amqplib";
import { retryExchange } from "../generated/topology.ts";
import { republished } from "./headers.ts";
import type { Binding, DeclaredQueue } from "./job-queues.ts";
import { publishAtLast } from "./publish-at-last.ts";
import type { Publisher } from "./publisher.ts";
import { codeOf, declareQueue, onChannel } from "./topology.ts";

export interface RecreateDependencies {
  model: ChannelModel;
  publisher: Publisher;
  /** Called after each message that has been moved. */
  moved(): void;
}

const pauseMs = 500;
const never = new AbortController().signal;

async function isMissing(model: ChannelModel, queue: string): Promise<boolean> {
  try {
    await onChannel(model, (channel) => channel.checkQueue(queue));
    return false;
  } catch (error) {
    if (codeOf(error) === 404) return true;
    throw error;
  }
}

/** False when the broker holds the queue with other arguments. */
async function declare(model: ChannelModel, queue: DeclaredQueue): Promise<boolean> {
  try {
    await onChannel(model, (channel) => declareQueue(channel, queue));
    return true;
  } catch (error) {
    if (codeOf(error) === 406) return false;
    throw error;
  }
}

async function unbind(model: ChannelModel, queue: string, bindings: readonly Binding[]): Promise<void> {
  await onChannel(model, async (channel) => {
    for (const { exchange, routingKey } of bindings) await channel.unbindQueue(queue, exchange, routingKey);
  });
}

/** Moves every message, each acknowledged after the confirm of its copy; waits while the other queue is full. */
async function move({ model, publisher, moved }: RecreateDependencies, from: string, to: Binding): Promise<void> {
  await onChannel(model, async (channel) => {
    for (let empty = 0; empty < 2;) {
      const message = await channel.get(from);
      if (!message) {
        // What was on its way when the queue was unbound has arrived by the second look.
        empty += 1;
        await sleep(pauseMs);
        continue;
      }
      const properties = republished(message.properties, {});
      await publishAtLast(publisher, { ...to, content: message.content, properties }, never, () => {});
      channel.ack(message);
      moved();
    }
  });
}

/** Where the messages of a queue wait while it is deleted and declared again; it gets the new ones too. */
function shelterOf(queue: DeclaredQueue): DeclaredQueue {
  const name = `${queue.name}.moving`;
  const own = { exchange: retryExchange.name, routingKey: name };
  return { name, kind: queue.kind, arguments: { "x-queue-type": "quorum" }, own, bindings: [own, ...queue.bindings] };
}

/**
 * Gives a queue the contract's arguments and moves its messages into the shelter; nothing may consume from it meanwhile.
 * False when it has those arguments already and no shelter is left from an interrupted run. A message may be doubled
 * by it, which the inbox absorbs.
 */
export async function replaceQueue(dependencies: RecreateDependencies, queue: DeclaredQueue): Promise<boolean> {
  const { model } = dependencies;
  const shelter = shelterOf(queue);
  if (await declare(model, queue)) return !await isMissing(model, shelter.name);
  await onChannel(model, (channel) => declareQueue(channel, shelter));
  await unbind(model, queue.name, queue.bindings);
  await move(dependencies, queue.name, shelter.own);
  await onChannel(model, (channel) => channel.deleteQueue(queue.name));
  await onChannel(model, (channel) => declareQueue(channel, queue));
  return true;
}

/** Moves the messages of the shelter back, as fast as the queue has room, and removes it. */
export async function emptyShelter(dependencies: RecreateDependencies, queue: DeclaredQueue): Promise<void> {
  const { model } = dependencies;
  const { name } = shelterOf(queue);
  await unbind(model, name, queue.bindings);
  await move(dependencies, name, queue.own);
  await onChannel(model, (channel) => channel.deleteQueue(name));
}
