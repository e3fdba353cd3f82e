import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "./support/consumer-process.ts";
import { createTestDatabase } from "./support/test-database.ts";

/** A way to the database that is cut when the first connection asks for its array types. */
async function cutAtTypeQuery(target: URL): Promise<{ url: string; cuts(): number }> {
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port || 5432) });
    client.on("data", (chunk) => {
      if (cuts > 0 || !chunk.includes("typarray")) return void upstream.write(chunk);
      cuts += 1;
      client.resetAndDestroy();
      upstream.destroy();
    });
    upstream.on("data", (chunk) => client.write(chunk));
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as { port: number }).port);
  return { url: url.href, cuts: () => cuts };
}

test("a connection that is lost while the driver asks for its types ends nothing", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const way = await cutAtTypeQuery(new URL(database.url));
  const running = startProcess("tests/support/rejecting-process.ts", {}, ["connection", way.url]);
  expect(await running.exited, running.output.join("\n")).toBe(0);
  expect(way.cuts()).toBe(1);
  expect(running.lines).toMatchObject([{
    level: "warn",
    msg: "connection to PostgreSQL lost during a query of the driver's own",
  }]);
  expect(running.output).toEqual(["survived"]);
});

test.each([
  ["library", "ECONNRESET"],
  ["library", "CONNECTION_CLOSED"],
  ["library", "57P01"],
  ["library", "EINVAL"],
  ["exception", "ECONNRESET"],
])("what nobody caught, %s %s, ends the process with a fatal line and exit code 1", async (kind, code) => {
  const running = startProcess("tests/support/rejecting-process.ts", {}, [kind, code]);
  expect(await running.exited).toBe(1);
  expect(running.lines).toMatchObject([{
    level: "fatal",
    msg: expect.stringMatching(/^(uncaught exception|unhandled rejection): /),
  }]);
  expect(running.output).toEqual([]);
});
