import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { doctor } from "../../doctor.ts";
import { createReleases } from "../../stack/releases.ts";
import type { Booked } from "../support/book.ts";
import { createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";
import { startFailoverPair } from "../support/failover-pair.ts";
import { type Answer, tryToBook } from "../support/try-to-book.ts";

async function readiness(url: string) {
  const response = await fetch(`${url}/readyz`);
  return { code: response.status, ...await response.json() as object };
}

test(
  "both services go over to the standby of a killed primary; while none takes writes they say so, and nothing is lost",
  { timeout: 600_000 },
  async ({ onTestFinished, onTestFailed }) => {
    const releases = createReleases(console.error);
    onTestFinished(releases.run);
    const pair = await startFailoverPair(releases);
    const clinic = await createClinic({ databases: pair.databases });
    releases.add("the clinic", clinic.remove);
    onTestFailed(() => console.log(clinic.log.filter((line) => !line.includes("/readyz")).slice(-200).join("\n")));
    await clinic.startProducer();
    const consumer = await clinic.startConsumer();
    await clinic.createDoctor();

    // Callers who ask again, under the same key, for as long as they are told to.
    const booked: Booked[] = [];
    const refusals: Pick<Answer, "status" | "retryAfter" | "text">[] = [];
    let calling = true;
    let next = 0;
    async function call(): Promise<void> {
      while (calling) {
        const n = next++;
        for (let done = false; !done;) {
          const { booked: taken, ...answer } = await tryToBook(clinic, n);
          if (taken) booked.push(taken);
          else refusals.push(answer);
          done = taken !== undefined;
          await sleep(done ? 100 : 500);
        }
      }
    }
    const callers = [call(), call(), call()];
    callers.forEach((caller) => caller.catch(() => {}));
    await expect.poll(() => booked.length).toBeGreaterThan(20);
    expect(refusals).toEqual([]);

    pair.killPrimary();
    const asStandby = { code: 503, database: "read-only", reasons: { database: "it is a standby" } };
    await expect.poll(() => readiness(clinic.api), { timeout: 60_000 }).toMatchObject(asStandby);
    await expect.poll(() => readiness(consumer.url), { timeout: 60_000 }).toMatchObject(asStandby);
    const headers = { "x-api-key": clinic.apiKey };
    for (const path of [`appointments/${booked[0]!.id}`, "appointments", "doctors", `doctors/${doctor.id}`]) {
      expect([path, (await fetch(`${clinic.api}/v1/${path}`, { headers })).status]).toEqual([path, 200]);
    }
    const before = booked.length;
    await expect.poll(() => refusals.length).toBeGreaterThan(10);
    expect(booked).toHaveLength(before);

    await pair.promote();
    await expect.poll(() => booked.length, { timeout: 60_000 }).toBeGreaterThan(before + 20);
    calling = false;
    await Promise.all(callers);
    expect(new Set(refusals.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(new Set(["503 1"]));
    for (const url of [clinic.api, consumer.url]) {
      await expect.poll(() => readiness(url)).toMatchObject({ code: 200, database: "up" });
    }
    const stored = await clinic.producerSql<{ id: string }[]>`SELECT id FROM appointments`;
    expect(stored.map(({ id }) => id).toSorted()).toEqual(booked.map(({ id }) => id).toSorted());
    for (const one of booked) {
      await expect.poll(() => countEffects(clinic, one), { timeout: 120_000, interval: 500 }).toEqual(eachOnce);
    }
    expect(await clinic.consumerSql`SELECT FROM dead_letters`).toHaveLength(0);
  },
);
