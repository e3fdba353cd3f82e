import { execFile as execFileWithCallback } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import amqp from "amqplib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { doctor } from "../doctor.ts";
import { root } from "../local-files.ts";
import { book } from "./support/book.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { countEffects, eachOnce } from "./support/effects.ts";
import { createPatientKeys, type PatientKeys } from "./support/patient-keys.ts";

const execFile = promisify(execFileWithCallback);

let clinic: Clinic;
let keys: PatientKeys;
beforeEach(async ({ onTestFailed }) => {
  [clinic, keys] = await Promise.all([createClinic(), createPatientKeys()]);
  onTestFailed(() => console.log(clinic.log.join("\n")));
});
afterEach(async () => {
  await clinic.remove();
  await keys.remove();
});

type Settings = ReturnType<PatientKeys["settings"]>;

/** What `producer …` or `consumer …` prints, beside the services. */
async function command(service: "producer" | "consumer", args: string[], settings: Settings): Promise<string> {
  const env = { ...clinic.environments[service](), ...settings[service], PATH: process.env["PATH"] };
  const { stdout } = await execFile(process.execPath, ["--import", "tsx", "src/cli.ts", ...args], {
    cwd: join(root, service),
    env,
  });
  return stdout.trim();
}

const json = async (...args: Parameters<typeof command>) => JSON.parse(await command(...args));

async function ask(path: string, body: object) {
  const response = await fetch(`${clinic.api}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": clinic.apiKey },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBeLessThan(300);
  return await response.json();
}

/** Every message that is published from now on, as text. */
async function overhear(): Promise<{ bodies: string[]; close(): Promise<void> }> {
  const connection = await amqp.connect(clinic.amqp);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "appointments.ex", "#");
  const bodies: string[] = [];
  await channel.consume(queue, (message) => void (message && bodies.push(message.content.toString())), { noAck: true });
  return { bodies, close: () => connection.close() };
}

const runtimes = ["node", "deno"] as const;

test.for(runtimes)(
  "with keys a booking has its five effects, and no message says whose it is, on %s",
  async (runtime) => {
    const settings = keys.settings(keys.masterKey("one"));
    const overheard = await overhear();
    await Promise.all([
      clinic.startProducer({ runtime, env: settings.producer }),
      clinic.startConsumer({ runtime, env: settings.consumer }),
    ]);
    await clinic.createDoctor();
    const booked = await book(clinic, 0);
    await expect.poll(() => countEffects(clinic, booked)).toEqual(eachOnce);

    const created = overheard.bodies.map((body) => JSON.parse(body)).find(({ aggregateId }) =>
      aggregateId === booked.id
    );
    expect(created).toMatchObject({ version: 3, payload: { doctorId: doctor.id } });
    expect(overheard.bodies.join("\n")).not.toContain(booked.patientEmail);
    const archived = () => clinic.producerSql<{ body: string }[]>`SELECT body FROM outbox_archive`;
    await expect.poll(async () => (await archived()).length).toBe(2);
    expect(JSON.stringify(await archived())).not.toContain(booked.patientEmail);
    expect(clinic.log.join("\n")).not.toContain(booked.patientEmail);
    await overheard.close();
  },
);

test("an erased patient's events are told again as erased, and nobody's else are", async () => {
  const settings = keys.settings(keys.masterKey("one"));
  const [before] = await Promise.all([
    clinic.startConsumer({ env: settings.consumer }),
    clinic.startProducer({ env: settings.producer }),
  ]);
  await clinic.createDoctor();
  const [erased, other] = [await book(clinic, 0), await book(clinic, 1)];
  for (const booked of [erased, other]) await expect.poll(() => countEffects(clinic, booked)).toEqual(eachOnce);
  // As somebody has kept it who was not told of the erasure.
  const [kept] = await clinic.producerSql`SELECT body, headers FROM outbox_archive WHERE aggregate_id = ${erased.id}`;

  const report = await ask("/v1/patients/erase", { patientEmail: erased.patientEmail });
  expect(report).toMatchObject({ appointments: 1, archivedEvents: 1, destroyedKeys: 1 });
  await expect.poll(async () =>
    (await clinic.consumerSql`SELECT FROM erased_appointments WHERE appointment_id = ${erased.id}`).length
  ).toBe(1);
  const exported = await json("producer", ["patients", "export", "--email", other.patientEmail], settings);
  expect(exported.events[0].event.payload.patientEmail).toBe(other.patientEmail);

  // A consumer whose database never heard of it, and that has no key in memory any more.
  await before.stop("SIGTERM");
  await clinic.consumerSql`DELETE FROM erased_appointments`;
  await clinic.consumerSql`DELETE FROM inbox WHERE job = 'notifications' AND aggregate_id = ${erased.id}`;
  const connection = await amqp.connect(clinic.amqp);
  const channel = await connection.createConfirmChannel();
  const { eventId } = JSON.parse(kept!["body"]);
  await clinic.startConsumer({ env: { ...settings.consumer, JOBS: "notifications" } });
  channel.sendToQueue("apt.notifications.queue", Buffer.from(kept!["body"]));
  await channel.waitForConfirms();
  const told = () =>
    clinic.consumerSql`
      SELECT DISTINCT action FROM audit_outcomes
      WHERE event_key = ${eventId} AND job = 'notifications' AND action IN ('erased', 'dead-lettered')`;
  await expect.poll(told).toEqual([{ action: "erased" }]);
  await connection.close();
  expect(await clinic.consumerSql`SELECT FROM sends WHERE recipient = ${erased.patientEmail}`).toHaveLength(0);
});

test("the master key is changed while bookings flow, without an error and without a dead letter", async () => {
  const [one, two] = [keys.masterKey("one"), keys.masterKey("two")];
  const first = keys.settings(one);
  let producer = await clinic.startProducer({ env: first.producer });
  const before = await clinic.startConsumer({ env: first.consumer });
  await clinic.createDoctor();
  const all = [await book(clinic, 0)];

  const both = keys.settings(one, two);
  await clinic.startConsumer({ env: both.consumer });
  await before.stop("SIGTERM");
  await producer.stop("SIGTERM");
  const next = keys.settings(two, one);
  producer = await clinic.startProducer({ env: next.producer });
  all.push(await book(clinic, 1));
  expect((await json("producer", ["keys", "list", "--json"], next)).masters).toEqual([
    { id: "two", state: "current", keys: 1 },
    { id: "one", state: "former", keys: 1 },
  ]);
  expect(await json("producer", ["keys", "rotate", "--json"], next)).toEqual({ rewrapped: 1 });
  const listed = await json("producer", ["keys", "list", "--json"], next);
  expect(listed.masters[1]).toEqual({ id: "one", state: "former", keys: 0 });
  expect(listed.keys).toMatchObject({ kept: 2, destroyed: 0, neededByArchive: 2 });

  await producer.stop("SIGTERM");
  const last = keys.settings(two);
  await clinic.startProducer({ env: last.producer });
  await clinic.startConsumer({ env: last.consumer });
  all.push(await book(clinic, 2));
  for (const booked of all) await expect.poll(() => countEffects(clinic, booked)).toEqual(eachOnce);
  expect(await clinic.consumerSql`SELECT FROM dead_letters`).toHaveLength(0);
});

test("keys that neither archive nor dead letters need are retired, and the others are named", async () => {
  const settings = keys.settings(keys.masterKey("one"));
  await clinic.startProducer({ env: settings.producer });
  // Without keys of its own: what is encrypted becomes a dead letter that says so.
  await clinic.startConsumer();
  await clinic.createDoctor();
  for (const n of [0, 1, 2]) await book(clinic, n);
  const stored = () => clinic.consumerSql`SELECT reason FROM dead_letters WHERE state = 'stored'`;
  await expect.poll(async () => (await stored()).map(({ reason }) => reason)).toEqual([
    "no-keys",
    "no-keys",
    "no-keys",
  ]);

  const { needed } = await json("consumer", ["keys", "list", "--json"], settings);
  expect(needed).toHaveLength(3);
  expect(needed[0]).toMatchObject({ deadLetters: 1, state: "there" });
  // As when the archive has forgotten all of them, and one letter is discarded.
  await clinic.producerSql`TRUNCATE outbox_archive, encrypted_events`;
  await keys.sql`UPDATE patient_keys SET created_at = now() - interval '2 days'`;
  const [letter] = await clinic.consumerSql`SELECT min(id)::text AS id FROM dead_letters`;
  await clinic.consumerCommand("dlq", "discard", letter!["id"], "--why", "not wanted");

  const file = join(tmpdir(), `needed-${process.pid}.json`);
  writeFileSync(file, await command("consumer", ["keys", "list", "--json"], settings));
  expect(await json("producer", ["keys", "retire", "--keep", file, "--json"], settings)).toEqual({ destroyed: 1 });
  const kept = await keys.sql`SELECT kid FROM patient_keys WHERE wrapped IS NOT NULL ORDER BY kid`;
  expect(kept.map(({ kid }) => kid)).toEqual(
    JSON.parse(await command("consumer", ["keys", "list", "--json"], settings)).needed.map(
      ({ kid }: { kid: string }) => kid,
    ),
  );
});
