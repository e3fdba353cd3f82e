import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { doctor } from "../../doctor.ts";
import { book, type Booked } from "../support/book.ts";
import type { Clinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";
import { createFullDiskScene } from "../support/full-disk-scene.ts";
import type { OnSmallDisk } from "../support/postgres-on-small-disk.ts";
import { countPublications } from "../support/publications.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { tryToBook } from "../support/try-to-book.ts";

const places: OnSmallDisk[] = ["tables", "log"];

async function readiness(url: string) {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, ...await response.json() as object };
}

/** Without room for its log there is no server that could be asked, or read from. */
const unready = {
  tables: {
    status: "unavailable",
    database: "read-only",
    reasons: { database: expect.stringContaining("No space left on device") },
  },
  log: { status: "unavailable", database: "down", reasons: { database: expect.stringMatching(/./) } },
};

async function expectEachOnce(clinic: Clinic, all: Booked[]): Promise<void> {
  for (const one of all) {
    await expect.poll(() => countEffects(clinic, one), { timeout: 120_000, interval: 500 }).toEqual(eachOnce);
  }
}

test.for(places)(
  "while the disk of the producer's %s is full it says so, publishes nothing again, and loses nothing",
  { timeout: 600_000 },
  async (what, context) => {
    const { clinic, releases, fill, clear } = await createFullDiskScene(context, "producer", what);
    const proxy = await startTcpProxy(clinic.amqp);
    releases.add("the proxy", proxy.stop);
    await clinic.startProducer({ env: { AMQP_URL: proxy.url, RELAY_CONFIRM_TIMEOUT_MS: "2000" } });
    await clinic.startConsumer();
    await clinic.createDoctor();
    const publications = await countPublications(clinic.amqp);
    releases.add("the count", publications.stop);

    const booked: Booked[] = [];
    proxy.swallowRequests();
    for (let n = 0; n < 100; n++) booked.push(await book(clinic, n));
    await fill();
    let refused = 0;
    for (let n = 100; refused < 20; n++) {
      const answer = await tryToBook(clinic, n);
      if (answer.booked) booked.push(answer.booked);
      else expect([answer.status, answer.retryAfter], answer.text).toEqual([503, "1"]);
      if (!answer.booked) refused++;
      expect(n, "bookings that still found room").toBeLessThan(800);
    }
    await expect.poll(() => readiness(clinic.api)).toMatchObject(unready[what]);
    const headers = { "x-api-key": clinic.apiKey };
    for (const path of [`appointments/${booked[0]!.id}`, "appointments", "doctors", `doctors/${doctor.id}`]) {
      const response = await fetch(`${clinic.api}/v1/${path}`, { headers });
      expect([path, response.status]).toEqual([path, what === "tables" ? 200 : 503]);
    }

    // The broker takes everything again, and nothing can be recorded.
    proxy.swallowNothing();
    const repeated = () => [...publications.counts.values()].filter((count) => count > 1);
    if (what === "tables") await expect.poll(() => publications.counts.size).toBeGreaterThan(0);
    await sleep(20_000);
    expect(repeated()).toEqual([]);
    expect(publications.counts.size).toBeLessThanOrEqual(100);

    await clear();
    await expectEachOnce(clinic, booked);
    expect(repeated()).toEqual([]);
    await expect.poll(() => readiness(clinic.api)).toMatchObject({ status: "ready" });
    const [{ count }] = await clinic.producerSql<[{ count: number }]>`SELECT count(*)::int FROM appointments`;
    expect(count).toBe(booked.length);
    expect((await tryToBook(clinic, 900)).status).toBe(201);
  },
);

test.for(places)(
  "while the disk of the consumer's %s is full events wait without being lost, dead-lettered or doubled",
  { timeout: 600_000 },
  async (what, context) => {
    const { clinic, fill, clear } = await createFullDiskScene(context, "consumer", what);
    await clinic.startProducer();
    const consumer = await clinic.startConsumer();
    await clinic.createDoctor();
    const booked: Booked[] = [await book(clinic, 0)];
    await expectEachOnce(clinic, booked);

    await fill();
    for (let n = 1; n <= 100; n++) booked.push(await book(clinic, n));
    await expect.poll(() => readiness(consumer.url), { timeout: 60_000 }).toMatchObject(unready[what]);
    const from = new Date().toISOString();
    const query = new URLSearchParams({ from, to: new Date(Date.now() + 86_400_000).toISOString() });
    const slots = await fetch(`${consumer.url}/v1/doctors/${doctor.id}/availability?${query}`, {
      headers: { "x-api-key": clinic.apiKey },
    });
    expect(slots.status, await slots.text()).toBe(what === "tables" ? 200 : 503);
    await sleep(30_000);
    expect(await readiness(consumer.url)).toMatchObject(unready[what]);

    await clear();
    await expectEachOnce(clinic, booked);
    await expect.poll(() => readiness(consumer.url)).toMatchObject({ status: "ready" });
    expect(await clinic.consumerSql`SELECT * FROM dead_letters`).toHaveLength(0);
    // What came of a mail whose mark found no room is known, and written down now.
    const open = () => clinic.consumerSql`SELECT state, reason FROM sends WHERE state <> 'sent'`;
    await expect.poll(open, { timeout: 60_000 }).toEqual([]);
  },
);
