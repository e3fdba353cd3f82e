import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDatabaseAddress } from "../../src/postgres/database-address.ts";
import { watchedSockets } from "../../src/postgres/watched-sockets.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
beforeAll(async () => void (database = await createTestDatabase()));
afterAll(() => database.drop());

const places = 2;

// What the driver does by itself is tried: patches/postgres.mjs mends it.
test("no place in the pool is lost when all connections close while queries are asked again at once", async () => {
  const { url, targets } = readDatabaseAddress(database.url);
  const sockets = watchedSockets(() => Promise.resolve(targets[0]!), Infinity);
  const options = { max: places, connect_timeout: 5, socket: sockets.socket };
  const sql = postgres(url, options as postgres.Options<Record<string, postgres.PostgresType>>);
  await Promise.all(Array.from({ length: places }, () => sql`select 1`));
  for (let round = 0; round < 5; round++) {
    // Two on each connection, so that what is asked again meets one that is closed already but not known to be.
    const asking = Array.from({ length: 2 * places }, () => sql`select pg_sleep(30)`.catch(() => sql`select 1`));
    await sleep(200);
    sockets.closeAll();
    await Promise.allSettled(asking);

    const started = performance.now();
    await Promise.all(Array.from({ length: 2 * places }, () => sql`select pg_sleep(0.1)`));
    expect(performance.now() - started).toBeLessThan(4_000);
  }
  await sql.end({ timeout: 1 });
});
