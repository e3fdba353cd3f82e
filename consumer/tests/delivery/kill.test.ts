import { setTimeout as sleep } from "node:timers/promises";
import process from "node:process";
import { SMTPServer } from "smtp-server";
import { simpleParser } from "mailparser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConsumerProcess, startProcess } from "../support/consumer-process.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "../support/delivery-harness.ts";
import { findMissing } from "../support/find-missing.ts";
import { queues } from "../../src/generated/topology.ts";
import { messageIdOf } from "../../src/jobs/notifications/message-writer.ts";

// `npm run test:faults` kills a hundred times; the suite a few times.
const kills = Number(process.env.KILLS ?? 4);
const appointments = Number(process.env.APPOINTMENTS ?? 60);
const seed = Number(process.env.SEED ?? 1);

const sender = "Clinic <clinic@example.org>";

type Row = { state: string; eventKey: string; channel: "email"; recipient: string; template: string };

let harness: DeliveryHarness;
let current: ConsumerProcess | undefined;
const mails = new Map<string, number>();
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onData(stream, _session, accept) {
    simpleParser(stream).then(({ messageId }) => {
      mails.set(messageId!, (mails.get(messageId!) ?? 0) + 1);
      accept();
    }, accept);
  },
});

// A client that is killed resets its connection.
smtp.on("error", () => {});

beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
  await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  current?.child.kill("SIGKILL");
  await new Promise<void>((resolve) => smtp.close(resolve));
  await harness.close();
});

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function randomNumbers(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function start(): ConsumerProcess {
  const { port } = smtp.server.address() as { port: number };
  current = startProcess("src/main.ts", {
    AMQP_URL: harness.vhost.amqpUrl,
    DATABASE_URL: harness.database.url,
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    MAIL_FROM: sender,
    OPS_PORT: "0",
  });
  return current;
}

async function countOf(table: string, where = "true"): Promise<number> {
  const rows = await harness.database.sql.unsafe(`select count(*)::integer as count from ${table} where ${where}`);
  return rows[0]!.count;
}

const doctor = {
  eventName: "doctor.updated",
  aggregateId: "dr-1",
  timestamp: "2026-01-01T08:00:00Z",
  version: 1,
  eventId: "a3bb189e-8bf9-4c7e-9f5d-0e2b8a6f1c01",
  aggregateVersion: 1,
  payload: { name: "Dr One", email: "dr-1@example.org", timeZone: "Europe/Berlin", workingHours: [], exceptions: [] },
};

test(
  `killed ${kills} times under ${appointments} appointments, each effect happens once and each mail at most once`,
  { timeout: 60_000 + kills * 8_000 + appointments * 100 },
  async () => {
    const random = randomNumbers(seed);
    await harness.publish(doctor, {}, "appointments.ex", "doctor.updated");
    const published: { eventName: string; eventId: string }[] = [doctor];
    const pauseMs = (kills * 1_500) / appointments;
    const publishSome = async (count: number) => {
      for (let index = 0; index < count; index++) {
        const payload = { ...createdEvent().payload, patientEmail: `p${published.length}@example.org` };
        const event = createdEvent({ aggregateVersion: 1, payload });
        published.push(event);
        await harness.publish(event);
        await sleep(random() * 2 * pauseMs);
      }
    };

    // Each process gets events of its own, however fast the one before was.
    const share = Math.floor(appointments / (kills + 1));
    for (let kill = 0; kill < kills; kill++) {
      const { lines, child, exited } = start();
      const publishing = publishSome(share);
      await expect.poll(() => lines.some((line) => line.msg === "event processed"), { timeout: 60_000 }).toBe(true);
      await sleep(random() * 1_500);
      child.kill("SIGKILL");
      await Promise.all([exited, publishing]);
    }
    const { lines, child, exited } = start();
    await publishSome(appointments - kills * share);

    const everything = 5 * appointments + 3;
    await expect.poll(() => countOf("inbox"), { timeout: 60_000 }).toBe(everything).catch(async (cause: unknown) => {
      child.kill("SIGKILL");
      await exited;
      throw new Error((await findMissing(harness, published)).join("\n"), { cause });
    });
    expect(await countOf("dead_letters")).toBe(0);
    expect(await countOf("analytics_bookings")).toBe(appointments);
    expect(await countOf("availability_visits")).toBe(appointments);
    expect(await countOf("calendar_visits")).toBe(appointments);
    expect(await countOf("audit_outcomes", "action = 'recorded'")).toBe(appointments + 1);
    expect(await countOf("sends")).toBe(2 * appointments);

    // What a kill left claimed is up to its lease; here it is over now.
    await harness.database.sql`update sends set lease_until = now() - interval '1 second' where state = 'sending'`;
    await expect.poll(() => countOf("sends", "state in ('pending', 'sending')"), { timeout: 60_000 }).toBe(0);
    const rows = await harness.database.sql<Row[]>`
      select state, event_key as "eventKey", channel, recipient, template from sends`;
    const states = new Map(rows.map((row) => [`<${messageIdOf(row, "clinic@example.org")}>`, row.state]));
    const times = (of: (state: string) => boolean) =>
      [...states].filter(([, state]) => of(state)).map(([messageId]) => mails.get(messageId) ?? 0);
    expect(states.size).toBe(2 * appointments);
    expect(times((state) => state === "sent").filter((arrived) => arrived !== 1)).toEqual([]);
    expect(times((state) => state === "unknown").filter((arrived) => arrived > 1)).toEqual([]);
    expect(times((state) => state !== "sent" && state !== "unknown")).toEqual([]);
    expect([...mails.keys()].filter((messageId) => !states.has(messageId))).toEqual([]);
    expect(lines.filter((line) => line.level === "fatal")).toEqual([]);
  },
);
