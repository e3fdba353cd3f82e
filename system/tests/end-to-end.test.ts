import { afterEach, beforeEach, expect, test } from "vitest";
import { book } from "./support/book.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { countEffects, eachOnce } from "./support/effects.ts";

let clinic: Clinic;
beforeEach(async ({ onTestFailed }) => {
  clinic = await createClinic();
  onTestFailed(() => console.log(clinic.log.join("\n")));
});
afterEach(() => clinic.remove());

const runtimes = ["node", "deno"] as const;
const pairs = runtimes.flatMap((producer) => runtimes.map((consumer) => [producer, consumer] as const));

test.for(pairs)("a booking has its five effects within two seconds, from %s to %s", async ([producer, consumer]) => {
  await Promise.all([clinic.startProducer({ runtime: producer }), clinic.startConsumer({ runtime: consumer })]);
  await clinic.createDoctor();

  const booked = await book(clinic, 0);

  await expect.poll(() => countEffects(clinic, booked), { timeout: 2_000, interval: 50 }).toEqual(eachOnce);
  const [toPatient] = clinic.mail.mails().filter(({ to }) => to.includes(booked.patientEmail));
  expect(toPatient!.text).toContain("The Clinic");
  expect(toPatient!.html).not.toMatch(/\{\{|&#60;|&lt;/);
});
