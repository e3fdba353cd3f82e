import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { queues } from "../../src/generated/topology.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createDeliveryHarness, createdEvent } from "../support/delivery-harness.ts";
import { findMissing } from "../support/find-missing.ts";
import { neverPaused } from "../../src/postgres/job-pauses.ts";

test("an event without an inbox row is found in its queue, a retry queue, the dead letters or nowhere", async () => {
  const harness = await createDeliveryHarness(queues);
  onTestFinished(() => harness.close());
  const { database: { sql }, connection } = harness;
  const { name, retry, deadLetter } = queues.analytics;
  const [waiting, retried, dead, stored, lost, done] = Array.from({ length: 6 }, () => createdEvent());
  const headers = { "x-reason": "crashed-process" };

  await harness.publish(stored, { headers }, deadLetter.exchange, deadLetter.routingKey);
  const stop = new AbortController();
  const log = createLogger("silent");
  const running = createDeadLetterConsumer({
    ...{ job: "analytics", queue: queues.analytics, connection, maxMessageBytes: 1_048_576, sql, log },
    pauses: neverPaused,
    now: () => new Date(),
  }).run(stop.signal);
  while ((await sql`select from dead_letters`).length === 0) await sleep(20);
  stop.abort();
  await running;

  await harness.publish(waiting);
  await harness.publish(retried, { headers: { "x-attempts": 2 } }, retry.exchange, retry.delays[2]!.routingKey);
  await harness.publish(dead, { headers }, deadLetter.exchange, deadLetter.routingKey);
  await sql`
    insert into inbox (job, event_key, event_name, aggregate_id, outcome)
    values ('analytics', ${done!.eventId}, 'appointment.created', 'a', 'applied')`;

  const published = [waiting!, retried!, dead!, stored!, lost!, done!];
  const found = (await findMissing(harness, published)).filter((line) => line.startsWith("analytics: "));
  expect(found).toEqual([
    expect.stringContaining(`${waiting!.eventId} is in ${name} with {`),
    expect.stringContaining(`${retried!.eventId} is in ${retry.delays[2]!.queue} with {"x-attempts":2`),
    expect.stringContaining(`${dead!.eventId} is in ${deadLetter.queue} with {`),
    expect.stringContaining(`${stored!.eventId} is dead-lettered as crashed-process, stored`),
    `analytics: ${lost!.eventId} is nowhere`,
  ]);
});
