import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import process from "node:process";
import amqp from "amqplib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { doctor } from "../../doctor.ts";
import { createReleases } from "../../stack/releases.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { type MarkedPatient, markedPatient, marksIn, marksOf } from "../support/marked-patients.ts";
import { startOwnServers } from "../support/own-servers.ts";
import { createPatientKeys, type PatientKeys } from "../support/patient-keys.ts";
import { searchFiles } from "../support/search-files.ts";
import { slot } from "../support/slot.ts";

const count = Number(process.env["PATIENTS"] ?? 20);
/** Others, whose data has to be where it was. */
const kept = 5;
const patience = 60_000 + count * 500;

let servers: Awaited<ReturnType<typeof startOwnServers>>;
let clinic: Clinic;
let keys: PatientKeys;
const releases = createReleases(console.error);
beforeEach(async ({ onTestFailed }) => {
  servers = await startOwnServers(releases);
  keys = await createPatientKeys(servers.adminUrl);
  releases.add("the keys' database", keys.remove);
  clinic = await createClinic({ broker: servers.broker, databases: servers.databases });
  onTestFailed(() => console.log(clinic.log.slice(-40).join("\n")));
});
afterEach(async () => {
  await clinic?.remove();
  await releases.run();
});

async function ask(method: string, path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${clinic.api}${path}`, {
    method,
    headers: { "content-type": "application/json", "x-api-key": clinic.apiKey, ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  expect(response.status, text).toBeLessThan(300);
  return JSON.parse(text);
}

/** Every way in which a patient's data gets about: booked, moved, reached elsewhere, failed, dead-lettered, replayed. */
async function treat(patient: MarkedPatient, n: number): Promise<void> {
  const { secondEmail, ...fields } = patient;
  const visit = { ...fields, doctorId: doctor.id, appointmentDate: slot(n), durationMinutes: 5 };
  const { id } = await ask("POST", "/v1/appointments", visit, { "idempotency-key": randomUUID() });
  const change = (body: object) => ask("PATCH", `/v1/appointments/${id}`, body, { "if-match": "*" });
  if (n % 4 === 1) await change({ durationMinutes: 10, overbook: true });
  if (n % 4 === 2) await change({ patientEmail: secondEmail });
  if (n % 4 === 3) await ask("POST", `/v1/appointments/${id}/cancel`, {});
  const { patientEmail, patientPhone, patientName } = patient;
  const personal = { patientEmail, patientPhone: `${patientPhone} (${patientName})`, patientName };
  await publish(JSON.stringify({ eventName: "appointment.created", aggregateId: id, version: 1, payload: personal }));
  await publish(`{"eventName": "appointment.created", "payload": ${JSON.stringify({ patientEmail })}, `);
}

/** From somebody whose messages nobody can read. */
async function publish(body: string): Promise<void> {
  const connection = await amqp.connect(clinic.amqp);
  const channel = await connection.createConfirmChannel();
  channel.publish("appointments.ex", "appointment.created", Buffer.from(body), { messageId: randomUUID() });
  await channel.waitForConfirms();
  await connection.close();
}

/** Where each mark is found: on the disks of both servers, in logs, checkpoints and metrics. The stand-ins are outside. */
function search(metrics: string[]): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  const look = (place: string) => (name: string, bytes: string) => {
    for (const mark of marksIn(bytes)) {
      const key = mark.toLowerCase();
      places.set(key, (places.get(key) ?? new Set()).add(`${place} ${name}`));
    }
  };
  for (const [place, folder] of Object.entries(servers.folders)) searchFiles(folder, look(place));
  const checkpoints = clinic.environments.consumer()["AUDIT_CHECKPOINT_DIR"]!;
  if (existsSync(checkpoints)) searchFiles(checkpoints, look("checkpoints"));
  look("log")("of the services", clinic.log.join("\n"));
  look("metrics")("of the services", metrics.join("\n"));
  return places;
}

const one = async <Row>(rows: PromiseLike<Row[]>) => (await rows)[0] as Row;
const counted = async (rows: PromiseLike<{ count: number }[]>) => (await one(rows)).count;

/** Whoever was moved to another address has a key for each. */
const keysOf = (_: unknown, n: number) => n % 4 === 2 ? [n, n] : [n];

const title =
  `of ${count} patients who are erased, nothing is left on any disk, and before that everything was, %s keys`;
test.for(["without", "with"])(title, { timeout: 900_000 + count * 5_000 }, async (withKeys) => {
  const { producerSql, consumerSql } = clinic;
  const settings = withKeys === "with" ? keys.settings(keys.masterKey("one")) : { producer: {}, consumer: {} };
  const producer = await clinic.startProducer({ env: settings.producer });
  const consumer = await clinic.startConsumer({ env: settings.consumer });
  await clinic.createDoctor();
  const patients = Array.from({ length: count + kept }, (_, n) => markedPatient(n));
  // The text messages of the last go nowhere any more: those are put off, with what they say.
  for (const [n, patient] of patients.entries()) {
    if (n === count - 2) await clinic.sms.stop();
    await treat(patient, n);
  }
  const letters = () => counted(consumerSql`select count(*)::int from dead_letters where state = 'stored'`);
  await expect.poll(letters, { timeout: patience, interval: 500 }).toBe(patients.length * 2 * 5);
  const waiting = () => counted(producerSql`SELECT count(*)::int FROM outbox`);
  await expect.poll(waiting, { timeout: patience, interval: 500 }).toBe(0);
  const unsent = () =>
    counted(consumerSql`select count(*)::int from sends where channel = 'email' and state in ('pending', 'sending')`);
  await expect.poll(unsent, { timeout: patience, interval: 500 }).toBe(0);
  // Replayed, and refused again.
  await clinic.consumerCommand("dlq", "replay", "--job", "audit", "--rate", "999");
  const [from, to] = ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"];
  await clinic.consumerCommand("replay", "--job", "notifications", "--from", from, "--to", to);
  await expect.poll(letters, { timeout: patience, interval: 500 }).toBe(patients.length * 2 * 5);

  const metricsOf = async () =>
    await Promise.all(
      [`${clinic.api}/metrics`, `${consumer.url}/metrics`].map(async (url) =>
        await (await fetch(url, { headers: { "x-api-key": clinic.apiKey } })).text()
      ),
    );
  // The control: with the same care for the disks, and nobody erased.
  await servers.vacuum(keys.url);
  const before = search(await metricsOf());
  const marks = patients.flatMap(marksOf).map((mark) => mark.toLowerCase());
  expect(marks.filter((mark) => !before.has(mark))).toEqual([]);
  const where = [...before.values()].flatMap((places) => [...places]);
  expect(where.some((place) => place.startsWith("postgres"))).toBe(true);
  expect(where.some((place) => place.startsWith("rabbitmq"))).toBe(true);
  expect(where.filter((place) => !/^(postgres|rabbitmq)/.test(place))).toEqual([]);

  const readable = () =>
    counted(producerSql`SELECT count(*)::int FROM outbox_archive WHERE body ~* 'q7x[a-z]+-[0-9]|4930777'`);
  const keysLeft = () => counted(keys.sql`SELECT count(*)::int FROM patient_keys WHERE wrapped IS NOT NULL`);
  if (withKeys === "with") {
    expect(await readable()).toBe(0);
    expect(await keysLeft()).toBe(patients.flatMap(keysOf).length);
  } else expect(await readable()).toBeGreaterThanOrEqual(patients.length);

  const { patientEmail: address } = patients[0]!;
  const exported = await clinic.consumerCommand("patients", "export", "--email", address);
  expect(marksOf(patients[0]!).filter((mark) => !exported.includes(mark))).toEqual([]);
  expect(JSON.parse(exported)).toMatchObject({
    producer: { appointments: [{ patientEmail: address }], storedAnswers: [{}] },
    consumer: { visits: [{}], deadLetters: expect.arrayContaining([expect.objectContaining({ job: "audit" })]) },
  });

  const mails = clinic.mail.mails().length;
  const reports = [];
  for (const { patientEmail } of patients.slice(0, count)) {
    reports.push(await ask("POST", "/v1/patients/erase", { patientEmail }));
  }
  expect(reports.every((report) => report.appointments === 1 && report.storedAnswers === 1)).toBe(true);
  if (withKeys === "with") expect(await keysLeft()).toBe(patients.flatMap(keysOf).filter((n) => n >= count).length);
  const cleared = () =>
    counted(consumerSql`
      select count(*)::int from audit_outcomes where event_name = 'patient.erased' and action in ('applied', 'recorded')`);
  await expect.poll(cleared, { timeout: patience, interval: 500 }).toBe(count * 4);

  // What is told again, and what comes late, is acknowledged and leaves nothing.
  await clinic.consumerCommand("replay", "--job", "analytics", "--from", from, "--to", to);
  await consumerSql`delete from inbox where job = 'notifications'`;
  await clinic.consumerCommand("replay", "--job", "notifications", "--from", from, "--to", to);
  const erased = () =>
    counted(consumerSql`select count(*)::int from audit_outcomes where action = 'erased' and job = 'notifications'`);
  await expect.poll(erased, { timeout: patience, interval: 500 }).toBeGreaterThanOrEqual(count);
  expect(
    clinic.mail.mails().slice(mails).filter(({ to }) =>
      to.some((address) => {
        const n = Number(/^q7x[a-z]+-(\d+)@/.exec(address)?.[1] ?? NaN);
        return n < count;
      })
    ),
  ).toEqual([]);
  expect(await counted(consumerSql`select count(*)::int from analytics_bookings`)).toBe(patients.length);

  const empty = JSON.parse(await clinic.consumerCommand("patients", "export", "--email", address));
  expect(empty.producer).toEqual({ appointments: [], events: [], storedAnswers: [] });
  expect(empty.consumer).toMatchObject({ visits: [], sends: [], reminders: [], deadLetters: [] });
  const report = await clinic.consumerCommand("patients", "erasure", reports[0].id);
  expect(report).toMatch(/notifications +applied +.*cleared: visits 1, sends \d+, reminders \d+, dead letters 12/);

  const metrics = await metricsOf();
  // What was replayed of many patients is not handled at once, and nobody else would.
  await servers.untilDrained(patience);
  await Promise.all([producer.stop("SIGTERM"), consumer.stop("SIGTERM")]);
  expect(JSON.parse(await clinic.consumerCommand("audit", "verify", "--json"))).toMatchObject({
    ok: true,
    problems: [],
  });
  await servers.vacuum(keys.url);
  await servers.clearBroker();
  const after = search(metrics);
  const theirs = new Set(patients.slice(0, count).flatMap(marksOf).map((mark) => mark.toLowerCase()));
  expect([...after].filter(([mark]) => theirs.has(mark) || /second/.test(mark) && Number(mark.split("-")[1]) < count))
    .toEqual([]);
  const others = patients.slice(count).flatMap(marksOf).map((mark) => mark.toLowerCase());
  expect(others.filter((mark) => !after.has(mark))).toEqual([]);
});
