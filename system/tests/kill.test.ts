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

test("a producer killed with two batches under way loses none of them, and every effect happens once", async () => {
  await clinic.startConsumer();
  const { env } = throughProxy();
  const producer = await clinic.startProducer({
    env: { ...env, RELAY_BATCH_SIZE: "2", RELAY_CONFIRM_TIMEOUT_MS: "60000" },
  });
  await clinic.createDoctor();

  proxy.swallowAnswers();
  // The second is published although nothing of the first is confirmed; the others have to wait.
  const underWay = [await book(clinic, 0), await book(clinic, 1)];
  for (const one of underWay) await expect.poll(() => countEffects(clinic, one), takeEffect).toEqual(eachOnce);
  const waiting = [await book(clinic, 2), await book(clinic, 3), await book(clinic, 4)];
  expect(await clinic.producerSql`SELECT FROM outbox`).toHaveLength(5);
  await producer.stop("SIGKILL");
  await clinic.startProducer();

  const all = [...underWay, ...waiting];
  for (const one of all) await expect.poll(() => countEffects(clinic, one), takeEffect).toEqual(eachOnce);
  for (const one of underWay) await expect.poll(() => duplicatesOf(one), takeEffect).toBe(5);
  for (const one of all) expect(await countEffects(clinic, one)).toEqual(eachOnce);
  const isEmpty = async () => (await clinic.producerSql`SELECT FROM outbox`).length === 0;
  await expect.poll(isEmpty, takeEffect).toBe(true);
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
