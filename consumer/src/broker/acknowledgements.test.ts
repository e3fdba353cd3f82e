import type { ConsumeMessage } from "amqplib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createAcknowledgements } from "./acknowledgements.ts";

const message = (deliveryTag: number) => ({ fields: { deliveryTag } }) as ConsumeMessage;

/** What a broker has as acknowledged after these frames. */
function acknowledgedBy(frames: readonly [tag: number, all: boolean][], handedOver: number): Set<number> {
  const tags = Array.from({ length: handedOver }, (_, index) => index + 1);
  return new Set(frames.flatMap(([tag, all]) => all ? tags.filter((other) => other <= tag) : [tag]));
}

test("what is done in any order is acknowledged, each once, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 12 }), { maxLength: 8 }), async (rounds) => {
      const frames: [number, boolean][] = [];
      const channel = { ack: ({ fields }: ConsumeMessage, all = false) => void frames.push([fields.deliveryTag, all]) };
      const acknowledgements = createAcknowledgements(channel, (error) => {
        throw error;
      });
      const messages = Array.from({ length: 31 }, (_, index) => message(index + 1));
      for (const one of messages) acknowledgements.taken(one);
      const done = new Set<number>();
      for (const round of rounds) {
        const isNew = new Set(round.filter((place) => !done.has(place)));
        for (const place of isNew) {
          done.add(place);
          acknowledgements.done(messages[place]!);
        }
        await Promise.resolve();
        const tags = new Set([...done].map((place) => place + 1));
        expect(acknowledgedBy(frames, 31)).toEqual(tags);
      }
      expect(new Set(frames.map(([tag]) => tag)).size).toBe(frames.length);
    }),
    { seed: 20261127 },
  );
});

test("what is done in the order of delivery is one acknowledgement", async () => {
  const frames: unknown[] = [];
  const channel = { ack: ({ fields }: ConsumeMessage, all = false) => void frames.push([fields.deliveryTag, all]) };
  const acknowledgements = createAcknowledgements(channel, () => {});
  const messages = [message(1), message(2), message(3)];
  for (const one of messages) acknowledgements.taken(one);
  for (const one of messages) acknowledgements.done(one);
  expect(frames).toEqual([]);
  await Promise.resolve();
  expect(frames).toEqual([[3, true]]);
});

test("a channel that takes no acknowledgement is told of", async () => {
  const errors: unknown[] = [];
  const channel = {
    ack() {
      throw new Error("Channel closed");
    },
  };
  const acknowledgements = createAcknowledgements(channel, (error) => errors.push(error));
  acknowledgements.taken(message(1));
  acknowledgements.done(message(1));
  await expect.poll(() => errors).toEqual([new Error("Channel closed")]);
});
