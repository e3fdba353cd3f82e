import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, eventually, type Harness } from "./notifications-harness.ts";
import { startMailServer } from "./notifications-mail-server.ts";

const script = fileURLToPath(new URL("notifications-sender-process.ts", import.meta.url));

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

function startSender(smtpUrl: string, leaseMs: number, concurrency = 4): ChildProcess {
  const child = spawn(process.execPath, [
    "--import",
    "tsx",
    script,
    harness.url,
    smtpUrl,
    String(leaseMs),
    String(concurrency),
  ], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

interface SlowServer {
  url: string;
  accepted: number;
  mostAtOnce: number;
  /** Of the first mail's begin and the last one's end, in milliseconds. */
  firstAt: number;
  lastAt: number;
}

/** Takes `ms` for each mail and keeps none. */
async function startSlowServer(ms: number): Promise<SlowServer> {
  const counted = { url: "", accepted: 0, mostAtOnce: 0, firstAt: 0, lastAt: 0 };
  let atOnce = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    closeTimeout: 100,
    onData(stream, _session, done) {
      counted.mostAtOnce = Math.max(counted.mostAtOnce, ++atOnce);
      counted.firstAt ||= performance.now();
      stream.resume().on("end", () =>
        setTimeout(() => {
          atOnce -= 1;
          counted.accepted += 1;
          counted.lastAt = performance.now();
          done();
        }, ms));
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  counted.url = `smtp://127.0.0.1:${(server.server.address() as { port: number }).port}`;
  return counted;
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

  const sender = startSender(server.url, 2000);
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

  const { sent = 0, unknown = 0, ...other } = await harness.states();
  expect(other).toEqual({});
  expect(sent + unknown).toBe(2 * appointments);
  const arrived = server.mails.map(({ messageId }) => messageId);
  expect(new Set(arrived).size).toBe(arrived.length);
  expect(arrived.length).toBeGreaterThanOrEqual(sent);
  expect(arrived.length).toBeLessThanOrEqual(sent + unknown);
});

it("shares a backlog among three processes, which hand over three times as much at once, and nothing twice", async () => {
  const backlog = 480;

  /** Mails a second of so many processes, from the first mail to the last: the start of the others is in it. */
  async function drain(processes: number): Promise<number> {
    await harness.empty();
    await harness.deliver(doctorUpdated("dr-lovelace"));
    for (let index = 0; index < backlog / 2; index++) await harness.deliver(appointmentEvents().created());
    const server = await startSlowServer(50);
    const senders = Array.from({ length: processes }, () => startSender(server.url, 60_000, 2));
    await eventually(async () => expect(await harness.states()).toEqual({ sent: backlog }));
    for (const sender of senders) sender.kill("SIGKILL");
    expect(server.accepted).toBe(backlog);
    expect(server.mostAtOnce).toBe(2 * processes);
    return backlog / ((server.lastAt - server.firstAt) / 1000);
  }

  const [one, three] = [await drain(1), await drain(3)];
  console.log(
    `mails a second: ${one.toFixed()} by one process, ${three.toFixed()} by three: ${(three / one).toFixed(2)} times`,
  );
});
