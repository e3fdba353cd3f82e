import type { ConsumeMessage } from "amqplib";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createEventAges } from "./event-ages.ts";

const { signal: gone } = new AbortController();
const message = (timestamp?: number) => ({ properties: { timestamp } }) as unknown as ConsumeMessage;

test("the age is that of the oldest event that is held, from when it was published until it is handled", async () => {
  const registry = new Registry();
  let now = 1_000_000;
  const aged = createEventAges(registry, () => now);
  const ends: (() => void)[] = [];
  const handle = aged("audit")(() => new Promise<void>((end) => void ends.push(end)));
  const age = async () => /\{consumer_job="audit"\} (.*)/.exec(await registry.metrics())?.[1];
  expect(await age()).toBe("0");

  const older = handle(message(940), gone);
  const newer = handle(message(), gone);
  now += 5_000;
  expect(await age()).toBe("65");
  ends[0]!();
  await older;
  expect(await age()).toBe("5");
  ends[1]!();
  await newer;
  expect(await age()).toBe("0");
});

test("a message that could not be handled is not held any longer, nor is one from a clock ahead of ours below 0", async () => {
  const registry = new Registry();
  const aged = createEventAges(registry, () => 1_000_000);
  await expect(aged("audit")(() => Promise.reject(new Error("no")))(message(1), gone)).rejects.toThrow("no");
  const ahead = aged("calendar")(() => new Promise(() => {}));
  void ahead(message(2_000), gone);
  const lines = await registry.metrics();
  expect(lines).toContain('{consumer_job="audit"} 0');
  expect(lines).toContain('{consumer_job="calendar"} 0');
});
