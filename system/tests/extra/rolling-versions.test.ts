import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { book } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";
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

async function startBoth({ producer, consumer }: Versions) {
  return await Promise.all([clinic.startProducer({ root: producer }), clinic.startConsumer({ root: consumer })]);
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
