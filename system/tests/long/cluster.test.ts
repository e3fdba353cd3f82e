import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { localFiles } from "../../local-files.ts";
import { createMemory } from "../../stack/memory.ts";
import { type RabbitMqCluster, startRabbitMqCluster, waitUntilComplete } from "../../stack/rabbitmq-cluster.ts";
import { callManagement } from "../../stack/rabbitmq-management.ts";
import { book, type Booked } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";

const folder = mkdtempSync(join(tmpdir(), "cluster-"));
let cluster: RabbitMqCluster;
beforeAll(async () => {
  cluster = await startRabbitMqCluster({
    folder,
    cacheFolder: localFiles.cache,
    memory: createMemory(join(folder, "memory.json")),
    report: () => {},
  }, process.env.RABBITMQ_VIA);
}, 120_000);
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

let clinic: Clinic;
beforeEach(async ({ onTestFailed }) => {
  clinic = await createClinic({ broker: cluster });
  onTestFailed(() => console.log(clinic.log.join("\n")));
  await Promise.all([
    clinic.startProducer(),
    clinic.startProducer({ env: { PORT: "0" } }),
    ...[1, 2, 3].map(() => clinic.startConsumer()),
  ]);
  await clinic.createDoctor();
}, 60_000);
afterEach(() => clinic.remove());

interface QueueStatus {
  name: string;
  leader: string;
  members: string[];
}

async function queues(): Promise<QueueStatus[]> {
  const path = `/api/queues/${encodeURIComponent(new URL(clinic.amqp.split(",")[0]!).pathname.slice(1))}`;
  return await callManagement(cluster.managementUrl, "GET", path) as QueueStatus[];
}

test("every queue has a copy on each of the three nodes", async () => {
  expect((await queues()).map(({ members }) => members.length)).toEqual(Array(30).fill(3));
});

test("kill -9 of the node that leads a queue loses no booking and repeats no effect", async () => {
  const { leader } = (await queues()).find(({ name }) => name === "apt.notifications.queue")!;
  const victim = ["rabbit-1", "rabbit-2", "rabbit-3"].findIndex((name) => leader.startsWith(`${name}@`));
  const booked: Booked[] = [];
  for (let n = 0; n < 60; n++) {
    if (n === 20) await cluster.kill(victim);
    booked.push(await book(clinic, n));
  }

  const everyEffect = async () => await Promise.all(booked.map((one) => countEffects(clinic, one)));
  await expect.poll(everyEffect, { timeout: 60_000, interval: 500 }).toEqual(booked.map(() => eachOnce));

  await cluster.restart(victim);
  await waitUntilComplete(cluster.managementUrl);
  const after = await book(clinic, 60);
  await expect.poll(() => countEffects(clinic, after), { timeout: 10_000 }).toEqual(eachOnce);
}, 240_000);
