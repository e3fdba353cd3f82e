import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { book } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";
import { createPatientKeys } from "../support/patient-keys.ts";
import { checkOutRelease, newestRelease } from "../support/released-services.ts";

const folder = mkdtempSync(join(tmpdir(), "release-"));
let released: string;
beforeAll(() => void (released = checkOutRelease(newestRelease(), folder)), 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let clinic: Clinic;
beforeEach(async ({ onTestFailed }) => {
  clinic = await createClinic();
  onTestFailed(() => console.log(clinic.log.join("\n")));
});
afterEach(() => clinic.remove());

interface Versions {
  producer: string | undefined;
  consumer: string | undefined;
}

/** The released producer refuses scopes that are new since. */
function keysOfRelease(): string {
  const keys = JSON.parse(clinic.environments.producer()["API_KEYS"]!) as { scopes: string[] }[];
  return JSON.stringify(
    keys.map((key) => ({ ...key, scopes: key.scopes.filter((scope) => !["erase", "export"].includes(scope)) })),
  );
}

async function startBoth({ producer, consumer }: Versions) {
  return await Promise.all([
    clinic.startProducer({ root: producer, ...(producer && { env: { API_KEYS: keysOfRelease() } }) }),
    clinic.startConsumer({ root: consumer }),
  ]);
}

async function bookingHasItsEffects(n: number) {
  const booked = await book(clinic, n);
  await expect.poll(() => countEffects(clinic, booked)).toEqual(eachOnce);
}

const current = undefined;

test.for([["the new", "the released"], ["the released", "the new"]])(
  "%s producer and %s consumer bring about every effect together",
  async ([producer, consumer]) => {
    const rootOf = (version: string | undefined) => version === "the released" ? released : current;
    await startBoth({ producer: rootOf(producer), consumer: rootOf(consumer) });
    await clinic.createDoctor();
    await bookingHasItsEffects(0);
  },
);

test("the released services work on the schema that the new ones have migrated to, and the new ones go on", async () => {
  const first = await startBoth({ producer: current, consumer: current });
  await clinic.createDoctor();
  await bookingHasItsEffects(0);
  await Promise.all(first.map((service) => service.stop("SIGTERM")));

  const back = await startBoth({ producer: released, consumer: released });
  await bookingHasItsEffects(1);
  await Promise.all(back.map((service) => service.stop("SIGTERM")));

  await startBoth({ producer: current, consumer: current });
  await bookingHasItsEffects(2);
});

test("an erasure disturbs no released consumer, and the new one carries it out when it comes", async () => {
  await clinic.remove();
  // As the released consumer declares it: none of its queues is bound to patient.*.
  clinic = await createClinic({ withoutTopology: true });
  const [, before] = await startBoth({ producer: current, consumer: released });
  await clinic.createDoctor();
  const booked = await book(clinic, 0);
  await expect.poll(() => countEffects(clinic, booked)).toEqual(eachOnce);

  const ask = (path: string, body: object) =>
    fetch(`${clinic.api}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": clinic.apiKey },
      body: JSON.stringify(body),
    });
  expect((await ask("/v1/patients/erase", { patientEmail: booked.patientEmail })).status).toBe(200);
  const waiting = () => clinic.producerSql`SELECT event_name FROM outbox WHERE last_error IS NOT NULL`;
  await expect.poll(waiting).toEqual([{ event_name: "patient.erased" }]);
  await bookingHasItsEffects(1);
  // The next event of the visit has no predecessor that is still to come.
  expect((await ask(`/v1/appointments/${booked.id}/cancel`, {})).status).toBe(200);
  const shown = () => clinic.consumerSql`SELECT content FROM calendar_intents WHERE appointment_id = ${booked.id}`;
  await expect.poll(shown).toEqual([{ content: null }]);
  const told = () =>
    clinic.consumerSql`SELECT FROM inbox WHERE event_name = 'appointment.cancelled' AND job = 'notifications'`;
  await expect.poll(async () => (await told()).length).toBe(1);
  expect(await clinic.consumerSql`SELECT FROM dead_letters`).toHaveLength(0);

  await before.stop("SIGTERM");
  await clinic.startConsumer();
  const reached = () => clinic.consumerSql`SELECT FROM sends WHERE recipient = ${booked.patientEmail}`;
  await expect.poll(async () => (await reached()).length, { timeout: 90_000 }).toBe(0);
  await expect.poll(waiting).toEqual([]);
});

test("the released consumer sets aside what is encrypted, and the new one brings its effects about", async () => {
  const keys = await createPatientKeys();
  onTestFinished(keys.remove);
  const settings = keys.settings(keys.masterKey("one"));
  await clinic.startProducer({ env: settings.producer });
  const before = await clinic.startConsumer({ root: released });
  await clinic.createDoctor();
  const booked = await book(clinic, 0);
  const letters = () => clinic.consumerSql`SELECT job, reason FROM dead_letters WHERE state = 'stored' ORDER BY job`;
  const jobs = ["analytics", "audit", "availability", "calendar", "notifications"];
  await expect.poll(letters).toEqual(jobs.map((job) => ({ job, reason: "newer-version" })));

  await before.stop("SIGTERM");
  await clinic.startConsumer({ env: settings.consumer });
  await clinic.consumerCommand("dlq", "replay", "--reason", "newer-version");
  await expect.poll(() => countEffects(clinic, booked)).toEqual(eachOnce);
});

test("a consumer with keys understands the released producer, and one without keys the plain form", async () => {
  const keys = await createPatientKeys();
  onTestFinished(keys.remove);
  const settings = keys.settings(keys.masterKey("one"));
  const before = await clinic.startProducer({ root: released, env: { API_KEYS: keysOfRelease() } });
  await clinic.startConsumer({ env: settings.consumer });
  await clinic.createDoctor();
  await bookingHasItsEffects(0);
  // The producer gets its keys last, while both forms lie in its outbox and queues.
  await before.stop("SIGTERM");
  const plain = await clinic.startProducer();
  const second = await book(clinic, 1);
  await plain.stop("SIGTERM");
  await clinic.startProducer({ env: settings.producer });
  await bookingHasItsEffects(2);
  await expect.poll(() => countEffects(clinic, second)).toEqual(eachOnce);
});
