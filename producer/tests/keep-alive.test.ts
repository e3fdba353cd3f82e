import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { type ProducerProcess, startProducer } from "./producer-process.ts";

let database: PrivateDatabase;
const started: ProducerProcess[] = [];

beforeAll(async () => {
  database = await createPrivateDatabase();
});
afterAll(async () => {
  await Promise.all(started.map((producer) => producer.kill("SIGKILL")));
  await database.drop();
});

async function start(environment: Record<string, string>): Promise<URL> {
  const producer = await startProducer(database.url, "amqp://127.0.0.1:1", environment);
  started.push(producer);
  return new URL(`http://127.0.0.1:${producer.port}`);
}

/** The first answer on a connection, and how long the connection was kept after it. */
async function askOnce({ hostname, port }: URL, waitMs: number): Promise<{ answer: string; keptMs: number }> {
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("data", (chunk) => answer += chunk);
  socket.write(`GET /livez HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  while (!answer.includes("up")) await new Promise((resolve) => socket.once("data", resolve));
  const since = performance.now();
  await new Promise((resolve) => socket.once("close", resolve).setTimeout(waitMs, () => resolve(undefined)));
  socket.destroy();
  return { answer, keptMs: performance.now() - since };
}

test("an idle connection is kept for longer than a minute by default", async () => {
  const { answer, keptMs } = await askOnce(await start({}), 7_000);
  expect(Number(/keep-alive: timeout=(\d+)/i.exec(answer)?.[1])).toBeGreaterThan(60);
  // Node's own default, five seconds, would have ended it.
  expect(keptMs).toBeGreaterThan(6_500);
});

test("KEEP_ALIVE_TIMEOUT_MS says for how long", async () => {
  const { keptMs } = await askOnce(await start({ KEEP_ALIVE_TIMEOUT_MS: "1000" }), 20_000);
  expect(keptMs).toBeGreaterThan(900);
  expect(keptMs).toBeLessThan(15_000);
});
