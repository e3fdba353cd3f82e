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

test.for(pairs)("a booking has its five effects, from %s to %s", async ([producer, consumer]) => {
  // By its name: on Deno a mailer that looked the address up by itself was not allowed to use it.
  const env = { SMTP_URL: clinic.mail.smtpUrl.replace("127.0.0.1", "localhost") };
  await Promise.all([clinic.startProducer({ runtime: producer }), clinic.startConsumer({ runtime: consumer, env })]);
  await clinic.createDoctor();

  const booked = await book(clinic, 0);

  await expect.poll(() => countEffects(clinic, booked)).toEqual(eachOnce);
  const [toPatient] = clinic.mail.mails().filter(({ to }) => to.includes(booked.patientEmail));
  expect(toPatient!.text).toContain("The Clinic");
  expect(toPatient!.html).not.toMatch(/\{\{|&#60;|&lt;/);

  const expected = new Set(["request", "event published", ...processed, ...sent, "calendar entry written"]);
  await expect.poll(() => new Set(saidOf(booked.correlationId))).toEqual(expected);
});

const processed = ["analytics", "audit", "availability", "calendar", "notifications"].map((job) =>
  `event processed by ${job}`
);

const sent = ["mail sent", "text message sent"];

/** The lines of both services about one request, each with the event's id once there is one. */
function saidOf(correlationId: string): string[] {
  const lines = clinic.log.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  const own = lines.filter((line) => line.correlationId === correlationId);
  for (const { msg, eventId } of own) expect(eventId, msg).toMatch(/^[0-9a-f-]{36}$/);
  return own.map(({ msg, job }) => job ? `${msg} by ${job}` : msg);
}
