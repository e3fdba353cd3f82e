import { afterAll, beforeAll, expect, test } from "vitest";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createPrivateVhost } from "./private-vhost.ts";
import { startProducer } from "./producer-process.ts";

let database: PrivateDatabase;
let vhost: Awaited<ReturnType<typeof createPrivateVhost>>;
beforeAll(async () => {
  [database, vhost] = await Promise.all([createPrivateDatabase(), createPrivateVhost()]);
});
afterAll(() => Promise.all([database.drop(), vhost.drop()]));

const probes = ["/livez", "/readyz", "/metrics"];

test("with a port of their own, probes and measurements are there and nowhere else", async () => {
  const producer = await startProducer(database.url, vhost.url, { PROBE_PORT: "0" });
  const { probePort } = producer.logs().find((line) => line["msg"] === "listening") as { probePort: number };
  const statuses = (port: number, paths: string[]) =>
    Promise.all(paths.map(async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).status));
  expect(await statuses(probePort, probes)).toEqual([200, 200, 200]);
  expect(await statuses(probePort, ["/docs", "/openapi.json", "/v1/doctors"])).toEqual([404, 404, 404]);
  expect(await statuses(producer.port, probes)).toEqual([404, 404, 404]);
  const { paths } = await (await fetch(`http://127.0.0.1:${producer.port}/openapi.json`)).json() as { paths: object };
  expect(Object.keys(paths).filter((path) => probes.includes(path))).toEqual([]);
  expect(await producer.kill("SIGTERM")).toBe(0);
});
