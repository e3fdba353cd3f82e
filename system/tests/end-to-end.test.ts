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

test.for(["node", "deno"] as const)("a booking has its five effects within two seconds, on %s", async (runtime) => {
  await Promise.all([clinic.startProducer({ runtime }), clinic.startConsumer({ runtime })]);
  await clinic.createDoctor();

  const booked = await book(clinic, 0);

  await expect.poll(() => countEffects(clinic, booked), { timeout: 2_000, interval: 50 }).toEqual(eachOnce);
  const [toPatient] = clinic.mail.mails().filter(({ to }) => to.includes(booked.patientEmail));
  expect(toPatient!.text).toContain("The Clinic");
  expect(toPatient!.html).not.toMatch(/\{\{|&#60;|&lt;/);
});
