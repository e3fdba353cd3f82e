import postgres from "postgres";
import { afterEach, expect, test } from "vitest";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { testVariable } from "./support/test-environment.ts";
import { transactionRates } from "./support/transaction-rates.ts";

let clinic: Clinic;
afterEach(() => clinic.remove());

test("with nothing to do, neither service asks its database twice a second, whatever number of jobs it has", async () => {
  clinic = await createClinic();
  await Promise.all([clinic.startProducer(), clinic.startConsumer()]);
  await clinic.createDoctor();
  // Of another database, so that asking is not counted.
  const admin = postgres(testVariable("TEST_DATABASE_URL"), { max: 1 });
  const databases = [clinic.producerSql, clinic.consumerSql].map(({ options }) => options.database);
  try {
    // The first windows have what is left of the start; who polls too often does so in every one.
    let rates: number[] = [];
    for (let window = 1; window <= 4; window++) {
      rates = await transactionRates(admin, databases, 8);
      if (Math.max(...rates) < 2) break;
    }
    expect(Math.max(...rates), `a second: producer and consumer ${rates.join(", ")}`).toBeLessThan(2);
    expect(Math.min(...rates), "they live, so they look").toBeGreaterThan(0.1);
  } finally {
    await admin.end();
  }
});
