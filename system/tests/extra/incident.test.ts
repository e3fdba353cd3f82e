import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Buffer } from "node:buffer";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { connect } from "amqplib";
import { afterAll, expect, test, vi } from "vitest";
import { readIncident, showIncident, tellsOf } from "../../incident.ts";
import { doctor } from "../../doctor.ts";
import { root } from "../../local-files.ts";
import { book } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "incident-"));
const clinics: Clinic[] = [];
afterAll(async () => {
  for (const clinic of clinics) await clinic.remove();
  rmSync(folder, { recursive: true });
});

async function open(): Promise<Clinic> {
  const clinic = await createClinic();
  clinics.push(clinic);
  await Promise.all([clinic.startConsumer(), clinic.startProducer()]);
  return clinic;
}

test("an incident of one system is seen again on another, outcome by outcome, without anybody's data", async () => {
  const there = await open();
  await there.createDoctor();
  const { id } = await book(there, 1);
  const broken = { eventName: "appointment.cancelled", aggregateId: id, timestamp: "2026-03-01T08:00:00Z", version: 1 };
  const connection = await connect(there.amqp);
  const channel = await connection.createConfirmChannel();
  channel.publish("appointments.ex", broken.eventName, Buffer.from(JSON.stringify(broken)), { messageId: "broken-1" });
  await channel.waitForConfirms();
  await connection.close();
  await expect.poll(() => there.consumerSql`SELECT FROM dead_letters WHERE aggregate_id = ${id}`).toHaveLength(4);
  await expect.poll(() => there.consumerSql`SELECT FROM inbox WHERE aggregate_id = ${id}`).toHaveLength(5);

  const file = join(folder, "incident.json");
  const env = { ...there.environments.consumer(), PATH: `${join(root, "consumer/bin")}:${process.env["PATH"]}` };
  await run("consumer", ["incident", id, "--out", file], { cwd: folder, env });
  const { patientEmail } = (await there.consumerSql`
    SELECT patient_email AS "patientEmail" FROM notification_visits WHERE appointment_id = ${id}`)[0]!;
  const incident = readIncident(file);
  expect(JSON.stringify(incident)).not.toContain(patientEmail);

  expect(tellsOf(incident, doctor.id)).toBe(true);
  const here = await open();
  const printed = vi.spyOn(console, "log").mockImplementation(() => {});
  const consumerDatabase = here.environments.consumer()["DATABASE_URL"]!;
  const started = performance.now();
  await showIncident(incident, { amqp: here.amqp, consumerDatabase }, new AbortController().signal);
  const lines = printed.mock.calls.map(([line]) => String(line));
  printed.mockRestore();
  expect(lines).toContain("The incident is reproduced: all 9 outcomes are as they were.");
  console.log(`reproduced after ${Math.round(performance.now() - started)} ms`);
});
