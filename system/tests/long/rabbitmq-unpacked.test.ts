import { Buffer } from "node:buffer";
import { mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "amqplib";
import { afterEach, expect, test } from "vitest";
import { localFiles } from "../../local-files.ts";
import { createMemory } from "../../stack/memory.ts";
import { livingHolder } from "../../stack/pid-file.ts";
import { startRabbitMq } from "../../stack/start-rabbitmq.ts";

const folder = mkdtempSync(join(tmpdir(), "with spaces-"));
afterEach(() => rmSync(folder, { recursive: true }));

test("RabbitMQ runs from unpacked packages, without the installed one, and keeps its messages", async () => {
  const start = () =>
    startRabbitMq({
      folder: join(folder, "rabbitmq"),
      cacheFolder: localFiles.cache,
      memory: createMemory(join(folder, "memory.json")),
      report: console.log,
    }, "unpacked");

  const first = await start();
  try {
    const program = readlinkSync(`/proc/${livingHolder(join(folder, "rabbitmq/rabbitmq.pid"))}/exe`);
    expect(program.startsWith(localFiles.cache), program).toBe(true);
    const connection = await connect(first.amqpUrl);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue("kept", { durable: true, arguments: { "x-queue-type": "quorum" } });
    channel.sendToQueue("kept", Buffer.from("hello"), { persistent: true });
    await channel.waitForConfirms();
    await connection.close();
  } finally {
    await first.stop();
  }

  const second = await start();
  try {
    const connection = await connect(second.amqpUrl);
    const channel = await connection.createChannel();
    const get = async () => {
      const message = await channel.get("kept");
      return message && message.content.toString();
    };
    await expect.poll(get, { timeout: 10_000 }).toBe("hello");
    await connection.close();
  } finally {
    await second.kill();
  }
});
