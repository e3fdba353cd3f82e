import { Buffer } from "node:buffer";
import type { ConsumeMessage } from "amqplib";
import { expect, test } from "vitest";
import { createLogger } from "../../telemetry/logger.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import type { GuardedStart } from "../crash-guard.ts";
import { PermanentError } from "../permanent-error.ts";
import { createSemaphore } from "../semaphore.ts";
import { alone } from "./alone.ts";
import { counted } from "./counted.ts";
import type { Concluded, Delivery } from "./delivery.ts";
import { forwarded } from "./forwarded.ts";
import { guarded } from "./guarded.ts";
import { identified } from "./identified.ts";
import { judged } from "./judged.ts";
import { readable } from "./readable.ts";
import { witnessed } from "./witnessed.ts";

const log = createLogger("silent");
const eventId = "3f1c1f3e-8f5a-4b9e-9f8a-0d6a3e1f7a01";
const body = {
  eventName: "appointment.created",
  aggregateId: "6a1c1f3e-8f5a-4b9e-9f8a-0d6a3e1f7a02",
  timestamp: "2026-03-01T10:00:00Z",
  version: 1,
  eventId,
  payload: { patientEmail: "ann@example.org", doctorId: "dr-1", appointmentDate: "2026-03-02T10:00:00+01:00" },
};

function messageOf(content: unknown, headers = {}): ConsumeMessage {
  const fields = { redelivered: false };
  return {
    content: Buffer.from(JSON.stringify(content)),
    fields,
    properties: { headers },
  } as unknown as ConsumeMessage;
}

function deliveryOf(more: Partial<Delivery> = {}): Delivery {
  const identity = { eventKey: eventId, eventName: undefined, aggregateId: undefined, correlationId: undefined };
  const { signal: gone } = new AbortController();
  return { message: messageOf(body), gone, isSuspect: false, identity, log, ...more };
}

const applied = { kind: "applied" } as const;
const deadLetter: Concluded = { kind: "dead-letter", reason: "no", headers: { "x-error-class": "PermanentError" } };
const policy = {
  delays: [{ name: "1s", queue: "q", ttlMs: 1, routingKey: "r", arguments: {} as never }],
  waitLimitMs: 10,
};

function startOf(apart: Awaited<ReturnType<GuardedStart["runApart"]>>) {
  const finished: string[] = [];
  const start: GuardedStart = {
    runApart: () => Promise.resolve(apart),
    finish: () => Promise.resolve(void finished.push("finished")),
  };
  return { start, finished };
}

test("identified says which event it is, and reads nothing of a suspect one", async () => {
  const seen: Delivery[] = [];
  const deliver = identified({ job: "analytics", maxMessageBytes: 10_000, log })((one) =>
    Promise.resolve(void seen.push(one))
  );
  const { signal } = new AbortController();
  await deliver(messageOf(body), signal);
  await deliver(messageOf(body, { "x-delivery-count": 1 }), signal);
  expect(seen[0]).toMatchObject({ isSuspect: false, identity: { eventKey: eventId }, received: { eventKey: eventId } });
  expect(seen[1]).toMatchObject({ isSuspect: true });
  expect(seen[1]!.received).toBeUndefined();
  expect(seen[1]!.identity.eventKey).not.toBe(eventId);
});

test("readable lets no event through that the job cannot read", async () => {
  const handle = readable("analytics", 10_000)(() => Promise.resolve(applied));
  expect(await handle(deliveryOf())).toEqual(applied);
  await expect(handle(deliveryOf({ message: messageOf({}) }))).rejects.toThrow(PermanentError);
});

test("judged says where what fails or waits has to go, and nothing of what is lost", async () => {
  const now = () => new Date(0);
  const fail = judged(policy, now)(() => Promise.reject(new Error("no")));
  expect(await fail(deliveryOf())).toMatchObject({ kind: "delay" });
  const wait = judged(policy, now)(() => Promise.resolve({ kind: "wait", reason: "later" }));
  expect(await wait(deliveryOf())).toMatchObject({ kind: "delay", headers: { "x-waiting-since": expect.anything() } });
  const poison = judged(policy, now)(() => Promise.reject(new PermanentError("never", "never")));
  expect(await poison(deliveryOf())).toMatchObject({ kind: "dead-letter", reason: "never" });
  await expect(fail(deliveryOf({ gone: AbortSignal.abort(new Error("gone")) }))).rejects.toThrow("gone");
});

test("forwarded resolves when what is not done with is durable elsewhere", async () => {
  const sent: unknown[] = [];
  const forward = (_: unknown, verdict: unknown) => Promise.resolve(void sent.push(verdict));
  expect(await forwarded(forward)(() => Promise.resolve(applied))(deliveryOf())).toEqual({ outcome: "applied" });
  expect(sent).toEqual([]);
  expect(await forwarded(forward)(() => Promise.resolve(deadLetter))(deliveryOf()))
    .toEqual({ outcome: "dead-letter", errorClass: "PermanentError" });
  expect(sent).toEqual([deadLetter]);
});

test("counted tells the job's workers of what was committed, and of nothing else", async () => {
  const told: unknown[] = [];
  const deps = {
    job: "analytics",
    metrics: createMetrics(),
    log,
    committed: (one: unknown) => told.push(one),
  } as const;
  const received = { eventKey: eventId, correlationId: undefined, event: body };
  for (const one of [applied, { kind: "duplicate" } as const, deadLetter]) {
    await counted(deps)(() => Promise.resolve(one))(deliveryOf({ received }));
  }
  expect(told).toEqual([applied]);
});

test("alone notes the start before anything else, and keeps the note of what is given up", async () => {
  for (const [concluded, left] of [[applied, 0], [deadLetter, 1]] as const) {
    const { start, finished } = startOf(undefined);
    const steps: string[] = [];
    const guard = () => Promise.resolve((steps.push("noted"), start));
    const delivery = deliveryOf({ isSuspect: true });
    await alone(createSemaphore(1), guard)(() => Promise.resolve((steps.push("handled"), concluded)))(delivery);
    expect(steps).toEqual(["noted", "handled"]);
    expect(finished).toHaveLength(1 - left);
    expect(delivery.start).toBe(left === 1 ? start : undefined);
  }
});

test("guarded takes the note away at last, also when the message is lost", async () => {
  const { start, finished } = startOf(undefined);
  const handle = guarded(createSemaphore(1))((delivery) => {
    delivery.start = start;
    return Promise.reject(new Error("the channel was closed"));
  });
  await expect(handle(deliveryOf({ isSuspect: true }))).rejects.toThrow("closed");
  expect(finished).toEqual(["finished"]);
});

test("witnessed goes by what a process of its own made of the message, before it is read", async () => {
  const handle = witnessed("analytics", 10_000)(() => Promise.resolve({ kind: "duplicate" }));
  const suspect = (apart: Parameters<typeof startOf>[0]) =>
    deliveryOf({ isSuspect: true, start: startOf(apart).start });
  expect(await handle(suspect(undefined))).toEqual({ kind: "duplicate" });
  const done = suspect(applied);
  expect(await handle(done)).toEqual(applied);
  expect(done.received).toMatchObject({ eventKey: eventId });
  const crashing = suspect(new PermanentError("crashed-process", "ended"));
  await expect(handle(crashing)).rejects.toThrow("ended");
  expect(crashing.received).toBeUndefined();
});
