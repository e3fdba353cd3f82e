import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { messageIdOf } from "../../../src/jobs/notifications/message-writer.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness } from "./notifications-harness.ts";
import { startMailServer } from "./mail-server.ts";

const script = fileURLToPath(new URL("./sender-process.ts", import.meta.url));

vi.setConfig({ testTimeout: 60_000 });

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  harness.clock.ms = Date.now();
  await harness.deliver(doctorUpdated("dr-lovelace"));
});

function startSender(smtpUrl: string, leaseMs: number): ChildProcess {
  const child = spawn(process.execPath, [
    "--import",
    "tsx",
    script,
    harness.url,
    smtpUrl,
    String(leaseMs),
  ], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

it("leaves a mail unknown when its sender is killed between the server's acceptance and the mark", async () => {
  await harness.deliver(appointmentEvents().created());
  await harness.sql`delete from sends where recipient <> 'ada@example.org'`;
  const lock = await harness.sql.reserve();
  onTestFinished(() => lock.release());
  const server = await startMailServer({
    // The claim is committed; the mark will have to wait for this lock.
    async onMail() {
      await lock`begin`;
      await lock`select from sends for update`;
    },
  });

  // Long enough to be seen before it runs out.
  const sender = startSender(server.url, 8000);
  await eventually(async () => {
    const waiting = await harness.sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    expect(waiting).toHaveLength(1);
  });
  sender.kill("SIGKILL");
  await once(sender, "exit");
  await lock`rollback`;
  expect(server.mails).toHaveLength(1);
  expect(await harness.states()).toEqual({ sending: 1 });

  startSender(server.url, 2000);
  await eventually(async () => expect(await harness.states()).toEqual({ unknown: 1 }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(server.mails).toHaveLength(1);
});

it("loses and repeats nothing when senders are killed at any moment, and knows what it does not know", async () => {
  const server = await startMailServer({ onMail: () => new Promise((resolve) => setTimeout(resolve, 5)) });
  const appointments = 60;
  for (let index = 0; index < appointments; index++) {
    await harness.deliver(appointmentEvents().created({ patientEmail: `patient-${index}@example.org` }));
  }
  let victim = startSender(server.url, 1500);
  for (let kills = 0; kills < 3; kills++) {
    const before = server.mails.length;
    await eventually(() => expect(server.mails.length).toBeGreaterThan(before + 10));
    victim.kill("SIGKILL");
    victim = startSender(server.url, 1500);
  }
  await eventually(async () => {
    const { pending, sending } = await harness.states();
    expect({ pending, sending }).toEqual({});
  });

  const rows = await harness.sql<(Parameters<typeof messageIdOf>[0] & { state: string })[]>`
    select event_key as "eventKey", channel, recipient, template, state from sends`;
  const stateOf = new Map(rows.map((row) => [`<${messageIdOf(row, "appointments@clinic.example")}>`, row.state]));
  expect(stateOf.size).toBe(2 * appointments);
  const arrived = server.mails.map(({ messageId }) => messageId);
  expect(new Set(arrived).size).toBe(arrived.length);
  expect(arrived.filter((messageId) => !stateOf.has(messageId))).toEqual([]);
  const missing = [...stateOf].filter(([messageId]) => !arrived.includes(messageId));
  expect(missing.filter(([, state]) => state !== "unknown")).toEqual([]);
  expect([...stateOf.values()].filter((state) => state !== "sent" && state !== "unknown")).toEqual([]);
});
