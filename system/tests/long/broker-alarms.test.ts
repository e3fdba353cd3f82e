import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctor } from "../../doctor.ts";
import { callManagement } from "../../stack/rabbitmq-management.ts";
import { book, type Booked } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";
import { startOwnBroker } from "../support/own-broker.ts";

const folder = mkdtempSync(join(tmpdir(), "alarm-"));
let broker: Awaited<ReturnType<typeof startOwnBroker>>;
let clinic: Clinic;

beforeAll(async () => {
  broker = await startOwnBroker(folder);
  clinic = await createClinic({ broker });
  // Many attempts within the alarm: each used to end in another connection.
  await clinic.startProducer({ env: { RELAY_CONFIRM_TIMEOUT_MS: "1000" } });
  await clinic.startConsumer({ env: { CONFIRM_TIMEOUT_MS: "1000" } });
  await clinic.createDoctor();
});
afterAll(async () => {
  await clinic?.remove();
  await broker?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The services' own, by name; those that the broker still holds open count, whoever has left them. */
async function connections(): Promise<Record<string, number>> {
  const all = await callManagement(broker.managementUrl, "GET", "/api/connections") as {
    client_properties: { connection_name?: string };
  }[];
  const counts: Record<string, number> = {};
  for (const { client_properties: { connection_name: name } } of all) {
    if (name?.startsWith("appointment")) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

async function produced(name: string): Promise<number> {
  const text = await (await fetch(`${clinic.api}/metrics`, { headers: { "x-api-key": clinic.apiKey } })).text();
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1] ?? NaN);
}

/** What sets each alarm off, and what ends it. */
const alarms = {
  memory: [["set_vm_memory_high_watermark", "absolute", "1MB"], ["set_vm_memory_high_watermark", "0.6"]],
  disk: [["set_disk_free_limit", "100000GB"], ["set_disk_free_limit", "50MB"]],
} as const;

test.for(Object.entries(alarms))(
  "while the broker's %s alarm is on, the services keep their connections, and lose nothing",
  async ([name, [begin, end]]) => {
    await expect.poll(connections, { timeout: 60_000, interval: 1_000 }).toEqual({
      "appointment-producer": 1,
      "appointments-consumer: consuming": 1,
      "appointments-consumer: publishing": 1,
    });
    const before = await connections();
    const toDoctor = () => clinic.mail.mails().filter(({ to }) => to.includes(doctor.email)).length;
    const told = toDoctor();
    await broker.control(...begin);
    const first = Object.keys(alarms).indexOf(name) * 100;
    const booked: Booked[] = [];
    const seen = new Set<string>();
    for (let n = 0; n < 30; n++) {
      booked.push(await book(clinic, first + n));
      seen.add(JSON.stringify(await connections()));
      await sleep(1_000);
    }
    expect(await produced("outbox_pending")).toBeGreaterThan(0);
    expect([...seen]).toEqual([JSON.stringify(before)]);

    await broker.control(...end);
    // The doctor's mail of a calendar that is written names no visit: those are counted together.
    const { doctorMails: _, ...byVisit } = eachOnce;
    for (const one of booked) {
      await expect.poll(() => countEffects(clinic, one), { timeout: 60_000, interval: 250 }).toMatchObject(byVisit);
    }
    await expect.poll(toDoctor, { timeout: 60_000 }).toBe(told + booked.length);
  },
);
