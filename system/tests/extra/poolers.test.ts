import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterEach, expect, test } from "vitest";
import { createReleases } from "../../stack/releases.ts";
import { book, type Booked } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";
import { hostileSettings } from "../support/hostile-settings.ts";
import { startPgbouncer } from "../support/pgbouncer.ts";
import { createPrivateDatabases, type PrivateDatabases } from "../support/private-databases.ts";
import { testVariable } from "../support/test-environment.ts";

const releases = createReleases(console.error);
afterEach(() => releases.run());

async function pooled(mode: "session" | "transaction" | "statement") {
  const folder = mkdtempSync("/tmp/pgbouncer-");
  releases.add("the folder", () => rmSync(folder, { recursive: true }));
  const databases = await createPrivateDatabases(releases);
  const pooler = await startPgbouncer({ folder: join(folder, mode), target: testVariable("TEST_DATABASE_URL"), mode });
  releases.add("pgbouncer", pooler.stop);
  const { through } = pooler;
  return { databases, poolers: { producer: through(databases.producer), consumer: through(databases.consumer) } };
}

async function open(databases: PrivateDatabases): Promise<Clinic> {
  // The test looks on undisturbed by what the database says.
  const calm = (url: string) => `${url}?search_path=public&statement_timeout=60000&lock_timeout=60000`;
  const clinic = await createClinic({
    databases: { producer: calm(databases.producer), consumer: calm(databases.consumer) },
  });
  releases.add("the clinic", clinic.remove);
  return clinic;
}

async function settings(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const [{ name }] = await sql<[{ name: string }]>`SELECT current_database() AS name`;
  for (const [setting, value] of Object.entries(hostileSettings)) {
    await sql.unsafe(`ALTER DATABASE "${name}" SET ${setting} = ${value}`);
  }
  await sql.end();
}

test.each(["session", "transaction"] as const)(
  "in %s mode every booking has its five effects, with two producers, a kill and hostile settings of the database",
  async (mode) => {
    const { databases, poolers } = await pooled(mode);
    await Promise.all([settings(databases.producer), settings(databases.consumer)]);
    const clinic = await open(databases);
    const env = (url: string) => ({ env: { DATABASE_URL: url, DATABASE_POOLED: "true" } });
    await clinic.startConsumer(env(poolers.consumer));
    const first = await clinic.startProducer(env(poolers.producer));
    await clinic.createDoctor();
    const booked: Booked[] = [];
    for (let n = 0; n < 10; n++) booked.push(await book(clinic, n));
    // The next one takes over when the lease has run out.
    await first.stop("SIGKILL");
    await clinic.startProducer(env(poolers.producer));
    for (let n = 10; n < 20; n++) booked.push(await book(clinic, n));
    for (const one of booked) {
      await expect.poll(() => countEffects(clinic, one), { timeout: 60_000, interval: 200 }).toEqual(eachOnce);
    }
    expect(clinic.log.filter((line) => /"level":"?(error|50)/.test(line))).toEqual([]);
  },
);

test("a pooler that nobody told of is refused at start with the reason, and so is statement mode", async () => {
  const { databases, poolers } = await pooled("transaction");
  const clinic = await open(databases);
  const untold = { env: { DATABASE_URL: poolers.producer } };
  await expect(clinic.startProducer(untold)).rejects.toThrow();
  await expect(clinic.startConsumer({ env: { DATABASE_URL: poolers.consumer } })).rejects.toThrow();
  const refusals = () => clinic.log.filter((line) => line.includes("set DATABASE_POOLED=true"));
  expect(refusals()).toHaveLength(2);

  const statement = await pooled("statement");
  const told = (url: string) => ({ env: { DATABASE_URL: url, DATABASE_POOLED: "true" } });
  await expect(clinic.startProducer(told(statement.poolers.producer))).rejects.toThrow();
  await expect(clinic.startConsumer(told(statement.poolers.consumer))).rejects.toThrow();
  expect(clinic.log.filter((line) => line.includes("set pool_mode to session or transaction"))).toHaveLength(2);
});
