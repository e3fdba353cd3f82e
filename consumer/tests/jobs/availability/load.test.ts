import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queues } from "../../../src/generated/topology.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "../../support/delivery-harness.ts";
import { eventually } from "../../support/eventually.ts";
import { opsKeys, type RunningConsumer, startConsumer } from "../../support/running-consumer.ts";

const dayMs = 86_400_000;
const callers = 20;
const bookings = 60;

let harness: DeliveryHarness;
let consumer: RunningConsumer;
beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
  consumer = await startConsumer(harness, { JOBS: "audit,availability,analytics" });
  const doctor = { name: "Ada", email: "ada@example.org", timeZone: "Europe/Berlin", workingHours: [], exceptions: [] };
  const event = { ...createdEvent(), eventName: "doctor.updated", aggregateId: "dr-1", payload: doctor };
  await harness.publish(event, {}, undefined, "doctor.updated");
  const known = () => harness.database.sql`select from availability_doctors`;
  await eventually(async () => expect(await known()).toHaveLength(1));
}, 60_000);
afterAll(async () => {
  await consumer.stop();
  await harness.close();
});

test(
  `${callers} callers who ask for 31 days of 5-minute slots delay the jobs by less than one caller's answer takes alone`,
  async () => {
    const from = new Date(Date.now() + dayMs).toISOString();
    const to = new Date(Date.now() + 32 * dayMs).toISOString();
    const query = new URLSearchParams({ from, to, durationMinutes: "5", limit: "1000" });
    const url = `${consumer.url}/v1/doctors/dr-1/availability?${query}`;
    async function askPage(next: string): Promise<string> {
      const response = await fetch(url + next, { headers: { "x-api-key": opsKeys.desk.key } });
      expect(response.status).toBe(200);
      const page = await response.json() as { next?: string };
      return page.next === undefined ? "" : `&cursor=${page.next}`;
    }
    const begun = performance.now();
    for (let next = await askPage(""); next !== "";) next = await askPage(next);
    const aloneMs = performance.now() - begun;

    const stop = new AbortController();
    let answers = 0;
    const callings = Array.from({ length: callers }, async () => {
      for (let next = ""; !stop.signal.aborted; answers++) next = await askPage(next);
    });
    await expect.poll(() => answers).toBeGreaterThan(2 * callers);

    const published = new Map<string, number>();
    for (let booking = 0; booking < bookings; booking++) {
      const eventId = randomUUID();
      published.set(eventId, Date.now());
      await harness.publish(createdEvent({ eventId }), { messageId: eventId });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const done = () =>
      consumer.lines.filter((line) => line.msg === "event processed" && published.has(`${line.eventId}`));
    await eventually(() => expect(done()).toHaveLength(3 * bookings));
    stop.abort();
    await Promise.all(callings);

    const late = done().map((line) => Date.parse(String(line["time"])) - published.get(String(line["eventId"]))!)
      .sort((a, b) => a - b);
    expect(late[0]).toBeGreaterThanOrEqual(0);
    const median = late[late.length >> 1]!;
    console.log(
      `${median} ms late (at most ${late.at(-1)}), beside ${answers} pages; all of them alone: ${aloneMs} ms`,
    );
    // What holds the process for a whole answer makes the jobs wait for those of all callers.
    expect(median).toBeLessThan(aloneMs);
  },
  120_000,
);
