import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import process from "node:process";
import type { ConsumeMessage } from "amqplib";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createApartRunner } from "../../src/delivery/run-apart.ts";
import { type JobName, jobs } from "../../src/generated/jobs.ts";
import { queues } from "../../src/generated/topology.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { startProcess } from "../support/consumer-process.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "../support/delivery-harness.ts";

let harness: DeliveryHarness;
const before = { ...process.env };

beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
  // What it starts gets this process's variables; vitest has TypeScript read in a way of its own.
  Object.assign(process.env, { DATABASE_URL: harness.database.url, NODE_OPTIONS: "--import tsx" });
});
afterAll(async () => {
  process.env = before;
  await harness.close();
});

const log = createLogger("silent");
const suspectEntry = new URL("../support/suspect-apart.ts", import.meta.url);

function bookingOf(doctorId: string): ConsumeMessage {
  const event = createdEvent({ payload: { ...createdEvent().payload, doctorId } });
  return { content: Buffer.from(JSON.stringify(event)), properties: {} } as ConsumeMessage;
}

function runApart(
  doctorId: string,
  { entry = suspectEntry, silenceMs = 10_000, gone = new AbortController().signal } = {},
) {
  return createApartRunner({ job: "analytics", entry, silenceMs })(bookingOf(doctorId), log, gone);
}

test("what a message does in a process of its own is told apart: done, failed, ended, never started", async () => {
  expect(await runApart("dr-1")).toEqual({ kind: "done", result: { kind: "applied" } });
  expect(await harness.database.sql`select from effects`).toHaveLength(1);
  expect(await runApart("failing")).toEqual({ kind: "failed" });
  expect(await runApart("poison-killed")).toEqual({ kind: "crashed", ends: ["SIGKILL", "SIGKILL", "SIGKILL"] });
  const entry = new URL("./no-such-program.ts", import.meta.url);
  expect(await runApart("dr-1", { entry })).toEqual({ kind: "unavailable" });
}, 60_000);

test("a message that stops the event loop ends a process of its own, one that waits for long does not", async () => {
  expect(await runApart("poison-blocked", { silenceMs: 3_000 })).toMatchObject({ kind: "crashed" });
  expect(await runApart("slow-6000", { silenceMs: 3_000 })).toMatchObject({ kind: "done" });
}, 90_000);

test("a process of its own ends when the channel is lost, and nothing is said of the message", async () => {
  const { sql } = harness.database;
  const working = () =>
    sql`select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`;
  const loss = new AbortController();
  const apart = expect(runApart("slow-60000", { gone: loss.signal })).rejects.toThrow("the channel was closed");
  await expect.poll(working, { timeout: 10_000 }).toHaveLength(1);
  loss.abort(new Error("the channel was closed"));
  await apart;
  await expect.poll(working, { timeout: 10_000 }).toHaveLength(0);
}, 30_000);

test("the consumer's own program runs a suspect of each job in a process of its own", { timeout: 60_000 }, async () => {
  const { sql } = harness.database;
  const event = createdEvent({ aggregateVersion: 1 });
  const doctor = {
    eventName: "doctor.updated",
    aggregateId: "dr-1",
    timestamp: "2026-01-01T08:00:00Z",
    version: 1,
    aggregateVersion: 1,
    payload: { name: "Dr One", email: "dr-1@example.org", timeZone: "Europe/Berlin", workingHours: [], exceptions: [] },
  };
  await harness.publish(doctor, {}, "appointments.ex", "doctor.updated");
  const variables = {
    AMQP_URL: harness.vhost.amqpUrl,
    DATABASE_URL: harness.database.url,
    SMTP_URL: "smtp://127.0.0.1:9",
    MAIL_FROM: "clinic@example.org",
    OPS_PORT: "0",
  };
  const start = () => {
    const started = startProcess("src/main.ts", variables);
    onTestFinished(() => void started.child.kill("SIGKILL"));
    return started;
  };
  const doctorKnown = start();
  await expect.poll(async () => (await sql`select from inbox`).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
  doctorKnown.signal("SIGTERM");
  await doctorKnown.exited;
  await sql`delete from inbox`;

  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  await harness.publish(event, { headers: { traceparent } });
  const names = Object.keys(jobs) as JobName[];
  const bodyHash = createHash("sha256").update(JSON.stringify(event)).digest("hex");
  const channel = await (await harness.connection.current(AbortSignal.timeout(5_000))).createChannel();
  for (const job of names) {
    expect(await channel.get(queues[job].name)).toBeTruthy();
    await sql`insert into unfinished_starts (job, body_hash, starts) values (${job}, ${bodyHash}, 1)`;
  }
  // Not acknowledged: each comes again.
  await channel.close();

  const { lines } = start();
  const done = () => sql`select job from inbox where event_key = ${event.eventId!}`;
  await expect.poll(async () => (await done()).map(({ job }) => job).toSorted(), { timeout: 50_000 })
    .toEqual(names.toSorted());
  const messages = lines.map(({ msg }) => msg);
  expect(messages.filter((message) => message === "redelivered message: an earlier process ended while handling it"))
    .toHaveLength(names.length);
  expect(messages).not.toContain("suspect message: its separate process could not be started");
  // What was done apart is told as if it was done here.
  await expect.poll(() => lines.filter(({ msg }) => msg === "event processed").map(({ outcome }) => outcome))
    .toEqual(names.map(() => "applied"));
  await expect.poll(() => sql`select from unfinished_starts`).toHaveLength(0);
  expect(await sql`select distinct traceparent from sends`).toEqual([{ traceparent }]);
});
