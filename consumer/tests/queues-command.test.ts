import { afterAll, beforeAll, expect, test } from "vitest";
import { queuesCommand } from "../src/cli/queues.ts";
import { createdEvent } from "./support/delivery-harness.ts";
import { createReplayHarness, type ReplayHarness } from "./support/replay-harness.ts";

let harness: ReplayHarness;
beforeAll(async () => {
  harness = await createReplayHarness();
});
afterAll(() => harness.close());

test("a queue is recreated with the contract's arguments, its messages kept", async () => {
  const queue = "apt.notifications.queue";
  await harness.purge(queue);
  const events = Array.from({ length: 30 }, () => createdEvent());
  for (const event of events) await harness.publish(event, { headers: { traceparent: "00-1" } });

  const { printed } = await harness.run(queuesCommand, ["recreate", queue, "--json"], { QUEUE_MAX_LENGTH: "40" });
  expect(JSON.parse(printed[0]!)).toEqual({ queue, recreated: true, moves: 60 });
  const reply = await harness.vhost.management("GET", `/api/queues/{vhost}/${queue}`);
  expect((await reply.json() as { arguments: unknown }).arguments).toMatchObject({ "x-max-length": 40 });
  expect(await harness.depthOf(queue)).toBe(30);

  const again = await harness.run(queuesCommand, ["recreate", queue], { QUEUE_MAX_LENGTH: "40" });
  expect(again.printed).toEqual([`${queue} is as it should be`]);
  await harness.purge(queue);
  await harness.publish(createdEvent());
  expect(await harness.depthOf(queue)).toBe(1);
});
