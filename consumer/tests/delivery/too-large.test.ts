import { Buffer } from "node:buffer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queues } from "../../src/generated/topology.ts";
import { type ConsumerProcess, startProcess } from "../support/consumer-process.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "../support/delivery-harness.ts";

let harness: DeliveryHarness;
let current: ConsumerProcess | undefined;

beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
});
afterAll(async () => {
  current?.signal("SIGKILL");
  await harness.close();
});

/** JSON whose parse takes many times its 15 MiB; RabbitMQ 4 by itself takes no message of more than 16. */
function hugeEvent(): Buffer {
  const numbers = "[" + Array(7.5 * 1024 * 1024).fill("0").join(",") + "]";
  return Buffer.from(JSON.stringify(createdEvent()).replace(/}$/, `,"numbers":${numbers}}`));
}

test("messages of 15 MiB end as dead letters in a heap of 256 MB, unread, and hold up nobody", async () => {
  const bodies = [hugeEvent(), hugeEvent(), hugeEvent()];
  for (const body of bodies) await harness.publish(body);
  const innocents = [createdEvent(), createdEvent()];
  for (const event of innocents) await harness.publish(event);

  current = startProcess("src/main.ts", {
    AMQP_URL: harness.vhost.amqpUrl,
    DATABASE_URL: harness.database.url,
    JOBS: "analytics",
    OPS_PORT: "0",
    NODE_OPTIONS: "--max-old-space-size=256",
  });
  const stored = () =>
    harness.database.sql<{ reason: string; bytes: number }[]>`
      select reason, length(body) as bytes from dead_letters order by id`.catch(() => []);
  const counted = () => harness.database.sql`select event_key from inbox`.catch(() => []);
  await expect.poll(stored, { timeout: 90_000, interval: 200 }).toEqual(
    bodies.map(({ length }) => ({ reason: "too-large", bytes: length })),
  );
  await expect.poll(async () => (await counted()).length, { timeout: 60_000 }).toBe(innocents.length);
  expect(current.child.exitCode).toBeNull();
  expect(Math.max(...current.lines.map((line) => JSON.stringify(line).length))).toBeLessThan(2_000);
});
