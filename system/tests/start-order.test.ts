import { afterEach, expect, test } from "vitest";
import { createDoctor } from "../doctor.ts";
import { freePort } from "../stack/free-port.ts";
import { book } from "./support/book.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { countEffects, eachOnce } from "./support/effects.ts";
import { setBrokerPermissions, setTopicPermissions } from "./support/permissions.ts";
import { countPublications } from "./support/publications.ts";

let clinic: Clinic;
afterEach(() => clinic.remove());

test("a consumer that is there first waits for the producer's exchange, says so, and then works", async () => {
  clinic = await createClinic({ withoutTopology: true });
  const consumer = clinic.startConsumer();
  const said = () => clinic.log.join("\n");
  await expect.poll(said, { timeout: 20_000 }).toMatch(/no exchange 'appointments\.ex'.*waiting for/);
  await Promise.all([consumer, clinic.startProducer()]);
  await clinic.createDoctor();

  const booked = await book(clinic, 0);
  await expect.poll(() => countEffects(clinic, booked), { timeout: 10_000 }).toEqual(eachOnce);
});

test("a producer that is there first takes bookings, and their effects follow when the consumer comes", async () => {
  clinic = await createClinic();
  await clinic.startProducer();
  await createDoctor(clinic.api, clinic.apiKey);
  const booked = await book(clinic, 0);

  await clinic.startConsumer();
  await expect.poll(() => countEffects(clinic, booked), { timeout: 30_000 }).toEqual(eachOnce);
});

test("an event that no queue takes yet stays in the outbox", async () => {
  clinic = await createClinic({ withoutTopology: true });
  await clinic.startProducer();
  await createDoctor(clinic.api, clinic.apiKey);
  const errors = async () => (await clinic.producerSql`SELECT last_error FROM outbox`).map((row) => row.last_error);
  await expect.poll(errors, { timeout: 10_000 }).toEqual([expect.stringContaining("no queue took it")]);
});

/** Of `/readyz`, which the producer answers with 200 also without a broker. */
async function brokerReason(url: string): Promise<string | undefined> {
  const answer = await (await fetch(`${url}/readyz`)).json() as { reasons: { broker?: string } };
  return answer.reasons.broker;
}
const refusal = expect.stringContaining("ACCESS_REFUSED");

test("an event that the producer may not publish is named, holds up no other, and goes out once it may", async () => {
  clinic = await createClinic();
  await clinic.startConsumer();
  await clinic.startProducer();
  await clinic.createDoctor();
  const publications = await countPublications(clinic.amqp);
  const cancelled = await book(clinic, 99);
  // A routing key that it has not used yet: RabbitMQ's channels remember what they have allowed.
  await setTopicPermissions(clinic.access.producer, { write: "^appointment[.]created$", read: "^$" });
  const headers = { "content-type": "application/json", "x-api-key": clinic.apiKey };
  const cancel = { method: "POST", headers: { ...headers, "if-match": '"1"' }, body: "{}" };
  const answer = await fetch(`${clinic.api}/v1/appointments/${cancelled.id}/cancel`, cancel);
  expect(answer.status, await answer.text()).toBe(200);
  const booked = [];
  for (let n = 0; n < 10; n++) booked.push(await book(clinic, n));

  for (const one of booked) {
    await expect.poll(() => countEffects(clinic, one), { timeout: 60_000 }).toEqual(eachOnce);
  }
  await expect.poll(() => brokerReason(clinic.api)).toEqual(refusal);
  // What OutboxFailing and OutboxStuck go by.
  const failed = async () => {
    const text = await (await fetch(`${clinic.api}/metrics`, { headers })).text();
    return Number(/^outbox_failed (.*)$/m.exec(text)?.[1]);
  };
  await expect.poll(failed).toBe(1);
  // Once more where the channel ended between a publication and its confirm, and not with each attempt.
  expect(Math.max(...publications.counts.values())).toBeLessThanOrEqual(2);
  await publications.stop();

  await setTopicPermissions(clinic.access.producer, { write: ".*", read: "^$" });
  await expect.poll(async () => (await clinic.producerSql`SELECT FROM outbox`).length, { timeout: 90_000 }).toBe(0);
  await expect.poll(() => brokerReason(clinic.api)).toBeUndefined();
});

test("a producer that may not declare its exchange says so, and publishes once it may", async () => {
  clinic = await createClinic();
  await setBrokerPermissions(clinic.access.producer, { configure: "^$", write: "^$", read: "^$" });
  await clinic.startProducer();
  await createDoctor(clinic.api, clinic.apiKey);
  await expect.poll(() => brokerReason(clinic.api)).toEqual(refusal);

  await setBrokerPermissions(clinic.access.producer, {
    configure: "^appointments[.]ex$",
    write: "^appointments[.]ex$",
    read: "^$",
  });
  await expect.poll(async () => (await clinic.producerSql`SELECT FROM outbox`).length, { timeout: 90_000 }).toBe(0);
  await expect.poll(() => brokerReason(clinic.api)).toBeUndefined();
});

test("a consumer that may not bind its queues says so, and works once it may", async () => {
  clinic = await createClinic();
  await clinic.startProducer();
  await setTopicPermissions(clinic.access.consumer, { write: "^$", read: "^$" });
  const port = await freePort();
  const started = clinic.startConsumer({ env: { OPS_PORT: String(port) } });
  started.catch(() => {});
  const reason = () => brokerReason(`http://127.0.0.1:${port}`).catch(() => "not there yet");
  await expect.poll(reason).toEqual(refusal);

  await setTopicPermissions(clinic.access.consumer, { write: "^$", read: ".*" });
  await started;
  await clinic.createDoctor();
  const booked = await book(clinic, 0);
  await expect.poll(() => countEffects(clinic, booked)).toEqual(eachOnce);
});
