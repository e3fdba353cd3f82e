import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { queuesOf } from "../../src/broker/job-queues.ts";
import { replaceQueue } from "../../src/broker/recreate-queue.ts";
import { onChannel, topologyWith } from "../../src/broker/topology.ts";
import { queuesCommand } from "../../src/cli/queues.ts";
import { startProcess } from "../support/consumer-process.ts";
import { createdEvent } from "../support/delivery-harness.ts";
import { createReplayHarness, type ReplayHarness } from "../support/replay-harness.ts";

const queue = "apt.created.queue";
let harness: ReplayHarness;

beforeAll(async () => {
  harness = await createReplayHarness();
});
beforeEach(() => harness.purge(queue));
afterAll(() => harness.close());

const model = () => harness.connection.current(AbortSignal.timeout(5_000));

async function publish(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await harness.publish(createdEvent());
}

async function limitOf(name: string): Promise<unknown> {
  const reply = await harness.vhost.management("GET", `/api/queues/{vhost}/${name}`);
  return (await reply.json() as { arguments: Record<string, unknown> }).arguments["x-max-length"];
}

/** `consumer queues recreate`, with a limit of the test's own. */
const recreate = (name: string, limit: number, ...args: string[]) =>
  harness.run(queuesCommand, ["recreate", name, ...args], { QUEUE_MAX_LENGTH: String(limit) });

test("a queue is recreated with the contract's arguments, its messages kept", async () => {
  const other = "apt.notifications.queue";
  await harness.purge(other);
  await publish(30);
  const { printed } = await recreate(other, 40, "--json");
  expect(JSON.parse(printed[0]!)).toEqual({ queue: other, recreated: true, moves: 60 });
  expect(await limitOf(other)).toBe(40);
  expect(await harness.depthOf(other)).toBe(30);

  expect((await recreate(other, 40)).printed).toEqual([`${other} is as it should be`]);
  await harness.purge(other);
  await publish(1);
  expect(await harness.depthOf(other)).toBe(1);
});

test("a queue stays until a slow consumer is through with its messages, and gets those back of one that is killed", async () => {
  await publish(8);
  const consumer = startProcess("tests/support/holding-consumer.ts", {
    AMQP_URL: harness.vhost.amqpUrl,
    DATABASE_URL: harness.database.url,
  });
  onTestFinished(() => void consumer.child.kill("SIGKILL"));
  const held = () => consumer.lines.filter((line) => line.msg === "holding").length;
  await expect.poll(held, { timeout: 90_000 }).toBeGreaterThan(0);

  const before = await limitOf(queue);
  const recreating = recreate(queue, 41);
  // Long enough for the consumer to see the pause and to cancel.
  await sleep(4_000);
  expect(await limitOf(queue)).toBe(before);
  consumer.child.kill("SIGKILL");
  await recreating;
  expect(await limitOf(queue)).toBe(41);
  expect(await harness.depthOf(queue)).toBe(8);
});

test("what somebody takes while the messages are moved, and does not finish, comes along", async () => {
  await publish(8);
  const thief = await (await model()).createChannel();
  await thief.prefetch(3);
  let stolen = 0;
  let moves = 0;
  const replacing = replaceQueue({
    model: await model(),
    publisher: harness.publisher,
    moved() {
      if (moves++ === 0) thief.consume(queue, () => void (stolen += 1));
    },
    note: () => {},
  }, ...declared(42, queue));
  await expect.poll(() => stolen, { timeout: 60_000 }).toBe(3);
  await sleep(3_000);
  expect(await limitOf(queue)).toBe(41);
  await thief.close();
  await replacing;
  expect(await harness.depthOf(`${queue}.moving`)).toBe(8);
  await recreate(queue, 42);
  expect(await harness.depthOf(queue)).toBe(8);
});

/** A queue as the contract has it with that limit, and its job's own queue. */
function declared(limit: number, name: string) {
  const all = queuesOf(topologyWith(limit).analytics);
  return [all.find((one) => one.name === name)!, all.find((one) => one.kind === "source")!] as const;
}

test("a retry queue stays until its job's queue had room for longer than the broker holds anything back", async () => {
  const retry = "apt.created.retry.10m";
  const [contract, source] = declared(42, retry);
  const wanted = { ...contract, arguments: { ...contract.arguments, "x-message-ttl": 700_000 } };
  await publish(22);
  const notes: string[] = [];
  let replaced = false;
  const replacing = replaceQueue(
    {
      model: await model(),
      publisher: harness.publisher,
      moved: () => {},
      note: (line) => notes.push(line),
      handOverMs: 1_500,
    },
    wanted,
    source,
  ).then(() => (replaced = true));
  await sleep(4_000);
  expect(replaced).toBe(false);
  await harness.purge(queue);
  await replacing;
  expect(notes).toEqual([`${retry} is kept until ${queue} had room for 1.5 s`]);
  await onChannel(await model(), (channel) => channel.deleteQueue(`${retry}.moving`));
});

test("a second command on a job is refused while the first is at work", async () => {
  await publish(1);
  const holder = await (await model()).createChannel();
  await holder.consume(queue, () => {});
  const first = recreate(queue, 43);
  await expect.poll(() => harness.database.sql`select from job_pauses`, { timeout: 30_000 }).toHaveLength(1);
  const message = "Another command is at work on the job analytics; try again when it is done";
  await expect(recreate(queue, 44)).rejects.toThrow(message);
  harness.archived(0);
  await expect(harness.replay("--job", "analytics", "--rebuild")).rejects.toThrow(message);
  expect(await harness.database.sql`select from job_pauses`).toHaveLength(1);
  await holder.close();
  await first;
  expect(await harness.database.sql`select from job_pauses`).toHaveLength(0);
  expect(await limitOf(queue)).toBe(43);
});

test("it comes to its end while events come in and a consumer binds the queue again", async () => {
  // It is the shortest of them by now.
  await harness.purge("apt.notifications.queue");
  await publish(3);
  const [wanted, source] = declared(45, queue);
  let [moves, done] = [0, false];
  const bind = async () =>
    await onChannel(await model(), async (channel) => {
      for (const { exchange, routingKey } of wanted.bindings) await channel.bindQueue(queue, exchange, routingKey);
    });
  const publishing = async () => {
    while (!done) await Promise.all([publish(1), sleep(200)]);
  };
  const others = publishing();
  const moved = () => void (moves++ === 0 && bind());
  try {
    await replaceQueue({ model: await model(), publisher: harness.publisher, moved, note: () => {} }, wanted, source);
  } finally {
    done = true;
    await others;
  }
  expect(await limitOf(queue)).toBe(45);
  await recreate(queue, 45);
}, 60_000);
