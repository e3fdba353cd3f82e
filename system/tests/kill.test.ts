import { afterEach, beforeEach, expect, test } from "vitest";
import { book, type Booked } from "./support/book.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { countEffects, eachOnce } from "./support/effects.ts";
import { startTcpProxy, type TcpProxy } from "./support/tcp-proxy.ts";

let clinic: Clinic;
let proxy: TcpProxy;
beforeEach(async ({ onTestFailed }) => {
  clinic = await createClinic();
  onTestFailed(() => console.log(clinic.log.join("\n")));
  proxy = await startTcpProxy(clinic.amqp);
});
afterEach(async () => {
  await clinic.remove();
  await proxy.stop();
});

const throughProxy = () => ({ env: { AMQP_URL: proxy.url } });
const takeEffect = { timeout: 45_000, interval: 100 };

test("a producer killed between commit and publish publishes after its restart", async () => {
  await clinic.startConsumer();
  const producer = await clinic.startProducer(throughProxy());
  await clinic.createDoctor();

  proxy.swallowRequests();
  const booked = await book(clinic, 0);
  await producer.stop("SIGKILL");
  expect(await countEffects(clinic, booked)).toMatchObject({ audit: 0 });
  await clinic.startProducer();

  await expect.poll(() => countEffects(clinic, booked), takeEffect).toEqual(eachOnce);
});

test("a producer killed between publish and confirm publishes twice, and every effect happens once", async () => {
  await clinic.startConsumer();
  const producer = await clinic.startProducer(throughProxy());
  await clinic.createDoctor();

  proxy.swallowAnswers();
  const booked = await book(clinic, 0);
  await expect.poll(() => countEffects(clinic, booked), takeEffect).toEqual(eachOnce);
  await producer.stop("SIGKILL");
  await clinic.startProducer();

  await expect.poll(() => duplicatesOf(booked), takeEffect).toBe(5);
  expect(await countEffects(clinic, booked)).toEqual(eachOnce);
});

test("a consumer killed between its commit and the acknowledgement repeats nothing", async () => {
  const consumer = await clinic.startConsumer(throughProxy());
  await clinic.startProducer();
  await clinic.createDoctor();

  proxy.swallowRequests();
  const booked = await book(clinic, 0);
  await expect.poll(() => countEffects(clinic, booked), takeEffect).toEqual(eachOnce);
  await consumer.stop("SIGKILL");
  await clinic.startConsumer();

  await expect.poll(() => duplicatesOf(booked), takeEffect).toBe(5);
  expect(await countEffects(clinic, booked)).toEqual(eachOnce);
});

function duplicatesOf({ id }: Booked): number {
  return clinic.log.filter((line) => line.includes(id) && line.includes('"outcome":"duplicate"')).length;
}
