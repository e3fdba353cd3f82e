import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { booking, doctor } from "./api-under-test.ts";
import { createPrivateDatabase } from "./private-database.ts";
import { createPrivateVhost } from "./private-vhost.ts";
import { startProducer } from "./producer-process.ts";
import { createTcpProxy } from "./tcp-proxy.ts";

test("a database that comes and goes again and again ends no process", async () => {
  const database = await createPrivateDatabase();
  const broker = await createPrivateVhost();
  const proxy = await createTcpProxy(database.url);
  await proxy.open();
  const producer = await startProducer(proxy.url, broker.url);
  try {
    await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
    const answers = new Set<number>();
    for (let round = 0; round < 40; round++) {
      await proxy.close();
      for (let n = 0; n < 3; n++) answers.add((await producer.send("POST", "/v1/appointments", booking)).status);
      await proxy.open();
      await delay(Math.random() * 200);
      await producer.send("GET", "/v1/doctors/dr-lovelace");
    }
    expect([...answers].filter((status) => ![201, 409, 503].includes(status))).toEqual([]);
    expect((await producer.send("GET", "/livez")).status).toBe(200);
  } finally {
    await producer.kill("SIGKILL");
    await proxy.close();
    await database.drop();
    await broker.drop();
  }
});
