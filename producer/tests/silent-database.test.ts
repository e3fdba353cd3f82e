import { type AddressInfo, createServer } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connectDatabase, type Sql } from "../src/postgres/database.ts";
import { isUnavailable } from "../src/postgres/is-unavailable.ts";
import { booking, createApi, doctor } from "./api-under-test.ts";
import { eventually } from "./eventually.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

let database: PrivateDatabase;
let proxy: TcpProxy;
let sql: Sql;

beforeAll(async () => void (database = await createPrivateDatabase()));
afterAll(() => database.drop());

beforeEach(async () => {
  proxy = await createTcpProxy(database.url);
  await proxy.open();
  sql = connectDatabase(proxy.url, { max: 3, silentForMs: 6_000 });
});
afterEach(async () => {
  await sql.end({ timeout: 0 });
  await proxy.close();
});

test("a database that has gone silent is given up, whatever is still written to it, and found again", async () => {
  await Promise.all([1, 2, 3].map(() => sql`SELECT 1`));
  proxy.stall();
  const failures: unknown[] = [];
  const ask = () => void sql`SELECT 1`.catch((error) => failures.push(error));
  const started = performance.now();
  const asking = setInterval(ask, 100);
  ask();
  const transaction = sql.begin((tx) => tx`SELECT 1`);
  await expect(transaction).rejects.toSatisfy(isUnavailable);
  await eventually(() => expect(failures.length).toBeGreaterThan(10));
  expect(performance.now() - started).toBeLessThan(12_000);
  clearInterval(asking);
  expect(failures.every(isUnavailable)).toBe(true);

  await proxy.close();
  proxy.resume();
  await proxy.open();
  await eventually(async () => expect(await sql`SELECT 1`).toHaveLength(1));
});

test("its callers are told to come again", async () => {
  const api = createApi(sql);
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  proxy.stall();
  const answers = await Promise.all([
    api.send("POST", "/v1/appointments", booking),
    api.send("GET", "/v1/doctors/dr-lovelace"),
  ]);
  expect(answers.map(({ status, headers }) => [status, headers.get("Retry-After")])).toEqual([[503, "1"], [503, "1"]]);
});

test("a proxy that takes connections and closes them at once is no database, and is not called again and again", async () => {
  let connections = 0;
  const mute = createServer((socket) => {
    connections++;
    socket.end();
  });
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const { port } = mute.address() as AddressInfo;
  const refused = connectDatabase(`postgres://nobody@127.0.0.1:${port}/nothing`, { max: 1 });
  await expect(refused`SELECT 1`).rejects.toSatisfy(isUnavailable);
  expect(connections).toBe(1);
  await refused.end({ timeout: 0 });
  mute.close();
});

test("a statement that takes its time is waited for where no silence is too long", async () => {
  const patient = connectDatabase(proxy.url, { max: 1, silentForMs: Infinity });
  expect(await patient`SELECT pg_sleep(3)`).toHaveLength(1);
  await patient.end();
});
