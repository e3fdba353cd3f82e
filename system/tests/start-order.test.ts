import { afterEach, expect, test } from "vitest";
import { createDoctor } from "../doctor.ts";
import { book } from "./support/book.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { countEffects, eachOnce } from "./support/effects.ts";

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
