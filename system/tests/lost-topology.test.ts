import { type Channel, connect } from "amqplib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctor } from "../doctor.ts";
import { book, type Booked } from "./support/book.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { countEffects, eachOnce } from "./support/effects.ts";

let clinic: Clinic;
let channel: Channel;
let stop: () => Promise<unknown>;
let slotsTaken = 0;
const booked: Booked[] = [];

beforeAll(async () => {
  clinic = await createClinic();
  const env = { TOPOLOGY_CHECK_MS: "2000" };
  await clinic.startProducer({ env });
  await clinic.startConsumer({ env });
  await clinic.createDoctor();
  const connection = await connect(clinic.amqp);
  stop = () => connection.close();
  channel = await connection.createChannel();
});
afterAll(async () => {
  await stop?.();
  await clinic?.remove();
});

/** The consumer's operations port, as it said itself. */
function operations(path: string): Promise<Response> {
  const { port } = clinic.log.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
    .find(({ msg, jobs }) => msg === "listening" && jobs);
  return fetch(`http://127.0.0.1:${port}${path}`);
}

const deleteBinding = () => channel.unbindQueue("apt.audit.queue", "appointments.ex", "appointment.*");

test.each<[string, () => Promise<unknown>]>([
  ["a binding of a job's queue", deleteBinding],
  ["a job's queue, with what is in it", () => channel.deleteQueue("apt.availability.queue")],
  ["a job's binding to the retry exchange", () => (
    channel.unbindQueue("apt.created.queue", "apt.retry.ex", "apt.created.queue")
  )],
  ["the producer's exchange, with every binding", () => channel.deleteExchange("appointments.ex")],
  ["the retry exchange", () => channel.deleteExchange("apt.retry.ex")],
])("who deletes %s under bookings takes no event from a job", async (_, fault) => {
  const bookings: Booked[] = [];
  for (let n = 0; n < 12; n++) {
    if (n % 3 === 0) await fault();
    bookings.push(await book(clinic, slotsTaken++));
  }
  booked.push(...bookings);
  // The doctor's mail of a calendar that is written names no visit: those are counted together.
  const { doctorMails: _mails, ...byVisit } = eachOnce;
  for (const one of bookings) {
    await expect.poll(() => countEffects(clinic, one), { timeout: 90_000, interval: 250 }).toMatchObject(byVisit);
  }
  const toDoctor = () => clinic.mail.mails().filter(({ to }) => to.includes(doctor.email)).length;
  await expect.poll(toDoctor, { timeout: 60_000 }).toBe(booked.length);
  await expect.poll(async () => (await operations("/readyz")).status, { timeout: 20_000 }).toBe(200);
}, 240_000);

test("what was deleted, and what was missed by it, is told in the metrics", async () => {
  const metrics = async () => await (await operations("/metrics")).text();
  expect(await metrics()).toMatch(/^events_missed_total\{consumer_job="audit"\} [1-9]/m);
  // Above, a connection that came back may have declared it before the watch looked.
  const deleteAndAsk = async () => {
    await channel.deleteExchange("apt.retry.ex");
    return await metrics();
  };
  await expect.poll(deleteAndAsk, { timeout: 60_000, interval: 3_000 })
    .toMatch(/^topology_restored_total\{what="exchange apt.retry.ex"\} [1-9]/m);
});

test("readiness says what is missing until the next look has found it", async () => {
  await channel.deleteExchange("apt.retry.ex");
  const report = async () => await (await operations("/readyz")).json();
  await expect.poll(report, { timeout: 20_000, interval: 100 }).toMatchObject({
    status: "unavailable",
    topology: "down",
    reasons: { topology: "missing: exchange apt.retry.ex" },
  });
  await expect.poll(report, { timeout: 20_000, interval: 100 }).toMatchObject({ status: "ready", topology: "up" });
});

test("/readyz of both services has one shape; the consumer's has its queues besides", async () => {
  const report = async (response: Promise<Response>) => Object.keys(await (await response).json() as object);
  const consumer = await report(operations("/readyz"));
  expect(await report(fetch(`${clinic.api}/readyz`))).toEqual(consumer.filter((name) => name !== "consumers"));
});
