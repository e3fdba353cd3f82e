import { setTimeout as sleep } from "node:timers/promises";
import type { Channel, ChannelModel } from "amqplib";
import { retryExchange } from "../generated/topology.ts";
import { republished } from "./headers.ts";
import type { Binding, DeclaredQueue } from "./job-queues.ts";
import { publishAtLast } from "./publish-at-last.ts";
import type { Publisher } from "./publisher.ts";
import { codeOf, declareQueue, onChannel } from "./topology.ts";
import { untilUnconsumed } from "./until-unconsumed.ts";

export interface RecreateDependencies {
  model: ChannelModel;
  publisher: Publisher;
  /** Called after each message that has been moved. */
  moved(): void;
  /** Told what is waited for. */
  note(line: string): void;
  /** How long a retry queue's target must have room before the retry queue is deleted. */
  handOverMs?: number;
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

async function unbind(
  model: ChannelModel,
  { name, bindings }: Pick<DeclaredQueue, "name" | "bindings">,
): Promise<void> {
  await onChannel(model, async (channel) => {
    for (const { exchange, routingKey } of bindings) await channel.unbindQueue(name, exchange, routingKey);
  });
}

/** Nothing is in the queue and nobody has anything of it: one answer of the broker, so both are true at one time. */
async function isBare(channel: Channel, queue: string): Promise<boolean> {
  const { messageCount, consumerCount } = await channel.checkQueue(queue);
  return messageCount === 0 && consumerCount === 0;
}

/**
 * Unbinds the queue and moves every message, each acknowledged after the confirm of its copy; waits while the other queue is full, and for
 * whoever holds messages: what they do not acknowledge comes back.
 */
async function move(
  { model, publisher, moved }: RecreateDependencies,
  from: Pick<DeclaredQueue, "name" | "bindings">,
  to: Binding,
): Promise<void> {
  await onChannel(model, async (channel) => {
    for (let bare = 0; bare < 2;) {
      const message = await channel.get(from.name);
      if (!message) {
        // Again, because every consumer's topology watch binds it: events would come for as long as anybody books.
        await unbind(model, from);
        await untilUnconsumed(model, from.name);
        // What was on its way when the queue was unbound has arrived by the second look.
        await sleep(pauseMs);
        bare = await isBare(channel, from.name) ? bare + 1 : 0;
        continue;
      }
      const properties = republished(message.properties, {});
      await publishAtLast(publisher, { ...to, content: message.content, properties }, never, () => {});
      channel.ack(message);
      moved();
    }
  });
}

/**
 * What has expired waits unseen until its target confirms it, and is offered again after one to two confirm timeouts of
 * the broker's dead-letter worker (180 s each). So a retry queue is deleted when its target had room for longer.
 */
async function untilHandedOver(
  { model, note, handOverMs = 370_000 }: RecreateDependencies,
  queue: DeclaredQueue,
  target: DeclaredQueue,
): Promise<void> {
  note(`${queue.name} is kept until ${target.name} had room for ${handOverMs / 1000} s`);
  const room = Number(target.arguments["x-max-length"]) / 2;
  await onChannel(model, async (channel) => {
    for (let since = performance.now(); performance.now() - since < handOverMs;) {
      await sleep(pauseMs);
      const { messageCount } = await channel.checkQueue(target.name);
      if (messageCount > room) since = performance.now();
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
 * Gives a queue the contract's arguments and moves its messages into the shelter; its job is to pause meanwhile.
 * `source` is the job's own queue, to which its retry queues lead. False when it has those arguments already and no
 * shelter is left from an interrupted run. A message may be doubled by it, which the inbox absorbs.
 */
export async function replaceQueue(
  dependencies: RecreateDependencies,
  queue: DeclaredQueue,
  source: DeclaredQueue,
): Promise<boolean> {
  const { model } = dependencies;
  const shelter = shelterOf(queue);
  if (await declare(model, queue)) return !await isMissing(model, shelter.name);
  const isRetry = queue.kind === "retry";
  if (isRetry && !await declare(model, source)) throw new Error(`Recreate ${source.name} first: it differs, too`);
  await untilUnconsumed(model, queue.name);
  await onChannel(model, (channel) => declareQueue(channel, shelter));
  await unbind(model, queue);
  await move(dependencies, queue, shelter.own);
  if (isRetry) await untilHandedOver(dependencies, queue, source);
  await onChannel(model, (channel) => channel.deleteQueue(queue.name));
  await onChannel(model, (channel) => declareQueue(channel, queue));
  return true;
}

/** Moves the messages of the shelter back, as fast as the queue has room, and removes it. */
export async function emptyShelter(dependencies: RecreateDependencies, queue: DeclaredQueue): Promise<void> {
  const { model } = dependencies;
  const { name } = shelterOf(queue);
  // It keeps the key of its own, by which messages are moved into it.
  const shelter = { name, bindings: queue.bindings };
  await unbind(model, shelter);
  await move(dependencies, shelter, queue.own);
  await onChannel(model, (channel) => channel.deleteQueue(name));
}
