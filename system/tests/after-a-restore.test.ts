import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctor } from "../doctor.ts";
import { root } from "../local-files.ts";
import type { Service } from "../service.ts";
import { book } from "./support/book.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { slot } from "./support/slot.ts";
import { testVariable } from "./support/test-environment.ts";

const [at10, at11, at12] = [slot(12), slot(24), slot(36)];
const runbook = readFileSync(join(root, "docs", "operate", "after-a-restore.md"), "utf8");

let clinic: Clinic;
let producer: Service;
let consumer: Service;
const admin = postgres(testVariable("TEST_DATABASE_URL"), { max: 1, onnotice: () => {} });
const backup = `backup_${randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  clinic = await createClinic();
  [producer, consumer] = await Promise.all([clinic.startProducer(), clinic.startConsumer()]);
  await clinic.createDoctor();
});
afterAll(async () => {
  await clinic?.remove();
  await admin`DROP DATABASE IF EXISTS ${admin(backup)}`;
  await admin.end();
});

/** Replaces one database by a copy of another, to which nobody is connected meanwhile. */
async function copyDatabase(from: string, to: string) {
  await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (${from}, ${to})`;
  await admin`DROP DATABASE IF EXISTS ${admin(to)} WITH (FORCE)`;
  await admin`CREATE DATABASE ${admin(to)} TEMPLATE ${admin(from)}`;
}

async function whileProducerIsDown(task: () => Promise<void>) {
  await producer.stop("SIGTERM");
  await task();
  producer = await clinic.startProducer();
}

async function move(id: string, appointmentDate: string) {
  const response = await fetch(`${clinic.api}/v1/appointments/${id}`, {
    method: "PATCH",
    headers: { "content-type": "application/json", "x-api-key": clinic.apiKey, "if-match": "*" },
    body: JSON.stringify({ appointmentDate }),
  });
  expect(response.status, await response.clone().text()).toBe(200);
}

async function json<Body>(url: string): Promise<Body> {
  return await (await fetch(url, { headers: { "x-api-key": clinic.apiKey } })).json() as Body;
}

/** The hour that an iCalendar object begins at, in UTC or by the doctor's clock. */
function startIn(text: string): number {
  const digits = (time: string) => time.slice(0, 16).replace(/[-:]/g, "");
  const begins = (time: string) =>
    new RegExp(`DTSTART(:${digits(new Date(time).toISOString())}00Z|;TZID=[^:]*:${digits(time)})`);
  return 10 + [at10, at11, at12].findIndex((time) => begins(time).test(text));
}

/** Which of the three times the public surfaces of both services show for the visit. */
async function shown(id: string, patientEmail: string) {
  const times = [at10, at11, at12].map((time) => new Date(time));
  const hourOf = (time: Date | undefined) => time && 10 + times.findIndex((one) => one.getTime() === time.getTime());
  const appointment = await json<{ appointmentDate: string }>(`${clinic.api}/v1/appointments/${id}`);
  const query = new URLSearchParams({ from: at10, to: slot(48), durationMinutes: "5", limit: "1000" });
  const { slots } = await json<{ slots: { start: string }[] }>(
    `${consumer.url}/v1/doctors/${doctor.id}/availability?${query}`,
  );
  const free = slots.map(({ start }) => Date.parse(start));
  const entries = clinic.calendar.resources().filter(({ data }) => data.includes(id)).map(({ data }) => data);
  const invitation = clinic.mail.mails().findLast(({ to, source }) => to.includes(patientEmail) && source.includes(id))!
    .attachments.map(({ content }) => content).join();
  return {
    api: hourOf(new Date(appointment.appointmentDate)),
    slots: times.filter((time) => !free.includes(time.getTime())).map(hourOf),
    calendar: entries.map(startIn),
    mail: startIn(invitation),
  };
}

/** The commands of the runbook's numbered step, without `consumer`. */
function commandsOf(step: number): string[][] {
  const text = runbook.split(/^\d\. /m)[step]!;
  return [...text.matchAll(/^ *consumer (.*)$/gm)].map(([, line]) => (
    [...line!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
  ));
}

/** The SQL of a step, for this hour. */
function queryOf(step: number): string {
  const text = runbook.split(/^\d\. /m)[step]!;
  const times = [-3_600_000, 3_600_000].map((ms) => `'${new Date(Date.now() + ms).toISOString()}'`);
  return /```sql\n([^]*?)```/.exec(text)![1]!.replace(/'[\d-]+ [\d:]+Z'/g, () => times.shift()!);
}

const eventually = { timeout: 60_000, interval: 250 };

test(
  "a visit that moves again after a restore is a conflict, and the runbook brings both services together",
  async () => {
    const { id, patientEmail } = await book(clinic, 12);
    const all = (hour: number) => ({ api: hour, slots: [hour], calendar: [hour], mail: hour });
    const mails = () =>
      clinic.mail.mails().filter(({ to, source }) => to.includes(patientEmail) && source.includes(id));
    await expect.poll(() => mails().length, eventually).toBe(1);
    await expect.poll(() => shown(id, patientEmail), eventually).toEqual(all(10));
    const [{ name }] = await clinic.producerSql<[{ name: string }]>`SELECT current_database() AS name`;
    await whileProducerIsDown(() => copyDatabase(name, backup));

    await move(id, at11);
    await expect.poll(() => shown(id, patientEmail), eventually).toEqual(all(11));
    await whileProducerIsDown(() => copyDatabase(backup, name));
    expect(await shown(id, patientEmail)).toEqual({ ...all(11), api: 10 });

    await move(id, at12);
    const inConflict = async () =>
      (await (await fetch(`${consumer.url}/metrics`)).text())
        .split("\n").filter((line) => /^dead_letters\{.*version-conflict/.test(line)).sort();
    await expect.poll(inConflict, eventually).toEqual(
      ["availability", "calendar", "notifications"].map((job) => expect.stringMatching(`"${job}".* 1$`)),
    );
    const errors = clinic.log.filter((line) => line.includes("dead letter stored")).map((line) => JSON.parse(line));
    expect(errors).toHaveLength(3);
    for (const error of errors) expect(error).toMatchObject({ level: "error", reason: "version-conflict" });
    expect(await shown(id, patientEmail)).toEqual({ ...all(11), api: 12 });

    const [list] = commandsOf(2);
    expect((await clinic.consumerCommand(...list!)).match(new RegExp(id, "g"))).toHaveLength(3);
    for (const command of commandsOf(3)) await clinic.consumerCommand(...command);
    await expect.poll(() => shown(id, patientEmail), eventually).toEqual(all(12));
    expect(mails()).toHaveLength(3);
    // The patient knows of 11:00; that the producer moved the visit from 10:00 would only confuse.
    expect(mails()[2]!.text).toMatch(/11:00/);
    expect(mails()[2]!.text).not.toMatch(/10:00/);
    expect(await clinic.consumerCommand(...list!)).toBe("");
    const recorded = await clinic.consumerSql.unsafe(queryOf(5));
    const lost = recorded.filter(({ aggregate_id, detail }) => aggregate_id === id && detail.aggregateVersion === 2);
    expect(lost.map(({ event_name }) => event_name)).toEqual(["appointment.rescheduled", "appointment.rescheduled"]);
    for (const command of commandsOf(6)) await clinic.consumerCommand(...command);
    await expect.poll(() => shown(id, patientEmail), eventually).toEqual(all(12));
    await expect.poll(inConflict, eventually).toEqual([]);
  },
  240_000,
);
