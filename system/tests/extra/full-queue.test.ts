import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { callManagement } from "../../stack/rabbitmq-management.ts";
import { book, type Booked } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";
import { testVariable } from "../support/test-environment.ts";

const seconds = Number(process.env.FULL_SECONDS ?? 8);
const perSecond = 10;
const limit = 20;

let clinic: Clinic;
let slotsTaken = 0;
beforeEach(async ({ onTestFailed }) => {
  clinic = await createClinic();
  onTestFailed(() => console.log(clinic.log.join("\n")));
});
afterEach(() => clinic.remove());

test(`a queue that is full for ${seconds} s delays no other job, and loses nothing`, async () => {
  await clinic.startProducer();
  await clinic.startConsumer({ env: { JOBS: "notifications,availability,audit,calendar" } });
  const analytics = await clinic.startConsumer({ env: { JOBS: "analytics" } });
  await clinic.createDoctor();
  await limitAnalyticsQueue();
  await bookEvenly(2 * perSecond); // so that both measurements are of warm processes
  const usual = await bookEvenly(seconds * perSecond);

  await analytics.stop("SIGTERM");
  await bookEvenly(2 * limit);
  const meanwhile = await bookEvenly(seconds * perSecond);

  const [refused] = await clinic.producerSql`SELECT count(*)::int AS rows FROM outbox WHERE last_error IS NOT NULL`;
  expect(refused!.rows).toBeGreaterThan(seconds);
  await expect.poll(() => handled(meanwhile), { timeout: 60_000 }).toBe(4 * meanwhile.length);
  const [before, during] = [await latencies(usual), await latencies(meanwhile)];
  console.table({ before, during });
  for (const [job, median] of Object.entries(during)) expect(median, job).toBeLessThan(2 * before[job]! + 20);

  await clinic.startConsumer({ env: { JOBS: "analytics" } });
  for (const booked of [...usual, ...meanwhile]) {
    await expect.poll(() => countEffects(clinic, booked), { timeout: 90_000, interval: 250 }).toEqual(eachOnce);
  }
  const waiting = async () => (await clinic.producerSql`SELECT count(*)::int AS rows FROM outbox`)[0]!.rows;
  await expect.poll(waiting, { timeout: 60_000 }).toBe(0);
});

/** Of the limit in the queue's arguments and the one of a policy, RabbitMQ takes the smaller. */
async function limitAnalyticsQueue() {
  const vhost = new URL(clinic.amqp).pathname.slice(1);
  await callManagement(testVariable("TEST_RABBITMQ_MANAGEMENT_URL"), "PUT", `/api/policies/${vhost}/small`, {
    pattern: "^apt\\.created\\.queue$",
    "apply-to": "queues",
    definition: { "max-length": limit },
  });
}

/** Books so many visits, a fixed number each second, whatever an answer takes. */
function bookEvenly(count: number): Promise<Booked[]> {
  const bookings = Array.from({ length: count }, async (_, n) => {
    const slot = slotsTaken++;
    await sleep(n * 1000 / perSecond);
    return await book(clinic, slot);
  });
  return Promise.all(bookings);
}

/** By the jobs that go on. */
async function handled(bookings: Booked[]): Promise<number> {
  const rows = await clinic.consumerSql`
    SELECT FROM inbox WHERE aggregate_id IN ${clinic.consumerSql(bookings.map(({ id }) => id))} AND job <> 'analytics'`;
  return rows.length;
}

/** Milliseconds from the event to its effect: the median of each job. */
async function latencies(bookings: Booked[]): Promise<Record<string, number>> {
  const ids = bookings.map(({ id }) => id);
  const events = await clinic.producerSql<{ event_id: string; occurred_at: Date }[]>`
    SELECT event_id, occurred_at FROM outbox WHERE aggregate_id IN ${clinic.producerSql(ids)}
    UNION ALL SELECT event_id, occurred_at FROM outbox_archive WHERE aggregate_id IN ${clinic.producerSql(ids)}`;
  const occurredAt = new Map(events.map((event) => [event.event_id, event.occurred_at.getTime()]));
  const effects = await clinic.consumerSql<{ job: string; event_key: string; processed_at: Date }[]>`
    SELECT job, event_key, processed_at FROM inbox WHERE aggregate_id IN ${
    clinic.consumerSql(ids)
  } AND job <> 'analytics'`;
  const jobs = [...new Set(effects.map(({ job }) => job))];
  return Object.fromEntries(
    jobs.map((job) => {
      const own = effects.filter((effect) => effect.job === job);
      expect(own, job).toHaveLength(bookings.length);
      const sorted = own.map(({ event_key, processed_at }) => processed_at.getTime() - occurredAt.get(event_key)!);
      return [job, sorted.sort((a, b) => a - b)[Math.floor(sorted.length / 2)]!];
    }),
  );
}
