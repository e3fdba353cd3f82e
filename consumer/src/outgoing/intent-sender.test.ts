import pino from "pino";
import type { Sql } from "postgres";
import { expect, it } from "vitest";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { type CarriedOut, createIntentSender, type IntentSenderDependencies } from "./intent-sender.ts";

const log = pino({ enabled: false });
const dueIn = (sql: Sql) => sql`select null`;

const done = (): CarriedOut => ({ outcome: "done", record: () => Promise.resolve() });
const release = () => Promise.resolve();

/** One that carries out one at a time and takes every start, but for what a test says. */
function createSender<Intent>(
  deps: Partial<IntentSenderDependencies<Intent>> & Pick<IntentSenderDependencies<Intent>, "claim" | "carryOut">,
) {
  const breaker = createCircuitBreaker({
    threshold: 3,
    cooldown: { baseMs: 1000, capMs: 60_000 },
    now: () => new Date(0),
  });
  return createIntentSender<Intent>({ name: "test", concurrency: 1, dueIn, breaker, log, release, ...deps });
}

it("never has more intents in flight than its concurrency, and takes the next as soon as one is done", async () => {
  const due = Array.from({ length: 20 }, (_, index) => index);
  const carriedOut: number[] = [];
  let running = 0;
  let most = 0;
  const stop = new AbortController();
  const sender = createSender<number>({
    concurrency: 3,
    claim: (limit) => Promise.resolve(due.splice(0, limit)),
    async carryOut(intent) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      carriedOut.push(intent);
      return done();
    },
  });

  const loop = sender.run(stop.signal);
  await expect.poll(() => carriedOut).toHaveLength(20);
  stop.abort();
  await loop;

  expect(most).toBe(3);
});

it("looks when it is woken", async () => {
  const due: string[] = [];
  const carriedOut: string[] = [];
  const stop = new AbortController();
  const sender = createSender<string>({
    claim: (limit) => Promise.resolve(due.splice(0, limit)),
    carryOut: (intent) => Promise.resolve(carriedOut.push(intent)).then(done),
  });
  const running = sender.run(stop.signal);

  due.push("mail");
  sender.wake();

  await expect.poll(() => carriedOut).toEqual(["mail"]);
  stop.abort();
  await running;
});

it("finishes what is in flight before it resolves after the abort", async () => {
  const stop = new AbortController();
  let finish = () => {};
  let finished = false;
  const due = ["mail"];
  const sender = createSender<string>({
    claim: (limit) => Promise.resolve(due.splice(0, limit)),
    async carryOut() {
      await new Promise<void>((resolve) => {
        finish = resolve;
        stop.abort();
      });
      finished = true;
      return done();
    },
  });

  const running = sender.run(stop.signal);
  await expect.poll(() => stop.signal.aborted).toBe(true);
  expect(finished).toBe(false);
  finish();
  await running;

  expect(finished).toBe(true);
});

it("claims the next ones while it carries out, and gives back what it has not begun when it stops", async () => {
  const due = ["one", "two", "three", "four", "five"];
  const started: string[][] = [];
  const released: string[][] = [];
  const stop = new AbortController();
  const sender = createSender<string>({
    claim: (limit) => Promise.resolve(due.splice(0, limit)),
    start(intents) {
      started.push(intents);
      return Promise.resolve(intents);
    },
    release: (intents) => Promise.resolve(void released.push(intents)),
    carryOut: () => new Promise((resolve) => stop.signal.addEventListener("abort", () => resolve(done()))),
  });

  const running = sender.run(stop.signal);
  await expect.poll(() => started).toEqual([["one"]]);
  await expect.poll(() => due).toEqual(["four", "five"]);
  stop.abort();
  await running;

  expect(released).toEqual([["two", "three"]]);
});

it("carries out nothing that is somebody else's by the time it starts", async () => {
  const due = ["mine", "theirs"];
  const carriedOut: string[] = [];
  const stop = new AbortController();
  const sender = createSender<string>({
    concurrency: 2,
    claim: (limit) => Promise.resolve(due.splice(0, limit)),
    start: (intents) => Promise.resolve(intents.filter((intent) => intent === "mine")),
    carryOut: (intent) => Promise.resolve(carriedOut.push(intent)).then(done),
  });

  const running = sender.run(stop.signal);
  await expect.poll(() => carriedOut).toEqual(["mine"]);
  stop.abort();
  await running;

  expect(carriedOut).toEqual(["mine"]);
});

it("begins nothing while too much of what it did can't be written down", async () => {
  let next = 0;
  let carriedOut = 0;
  const stop = new AbortController();
  const sender = createSender<number>({
    concurrency: 2,
    claim: (limit) => Promise.resolve(Array.from({ length: limit }, () => next++)),
    carryOut() {
      carriedOut++;
      return Promise.resolve<CarriedOut>({
        outcome: "done",
        record: (signal) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
      });
    },
  });

  const running = sender.run(stop.signal);
  await expect.poll(() => carriedOut).toBeGreaterThanOrEqual(8);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(carriedOut).toBeLessThan(8 + 2);
  stop.abort();
  await running;
});
