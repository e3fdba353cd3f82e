import { afterAll, beforeAll, expect, test } from "vitest";
import { topologyWith } from "../../src/broker/topology.ts";
import { applied, testJob } from "../support/delivery-harness.ts";
import { createReplayHarness, hour, type ReplayHarness } from "../support/replay-harness.ts";

const queue = "apt.created.queue";
const limit = 10;

let harness: ReplayHarness;
beforeAll(async () => {
  harness = await createReplayHarness(topologyWith(limit));
});
afterAll(() => harness.close());

test("a replay of more than the queue holds leaves half of the queue to new events, and ends when the job has had all", async () => {
  const events = Array.from({ length: 3 * limit }, (_, minute) => harness.archived(minute));
  const replaying = harness.replay("--job", "analytics", ...hour, "--json");
  await expect.poll(() => harness.depthOf(queue), { timeout: 60_000 }).toBe(limit / 2);

  const depths: number[] = [];
  for (let sample = 0; sample < 10; sample++) {
    depths.push(await harness.depthOf(queue));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(new Set(depths)).toEqual(new Set([limit / 2]));

  const handled: string[] = [];
  const stop = harness.consume([testJob("analytics", ({ eventId }) => {
    handled.push(eventId);
    return Promise.resolve(applied);
  })]);
  expect(JSON.parse((await replaying).printed[0]!)).toMatchObject({ events: { "appointment.created": 3 * limit } });
  await expect.poll(() => handled.length, { timeout: 60_000 }).toBe(3 * limit);
  expect(new Set(handled)).toEqual(new Set(events.map((event) => event.eventId)));
  await stop();
});
