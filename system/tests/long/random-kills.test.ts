import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Service } from "../../service.ts";
import { createMemory } from "../../stack/memory.ts";
import type { RabbitMq } from "../../stack/rabbitmq.ts";
import { startRabbitMq } from "../../stack/start-rabbitmq.ts";
import { book, type Booked } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";
import { createRandom } from "../support/random.ts";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.ROUNDS ?? 2);

let folder: string;
let rabbitMq: RabbitMq;
let clinic: Clinic;
const startNode = () =>
  startRabbitMq({
    folder: join(folder, "rabbitmq"),
    cacheFolder: folder,
    memory: createMemory(join(folder, "memory.json")),
    report: () => {},
  });
beforeEach(async ({ onTestFailed }) => {
  folder = mkdtempSync(join(tmpdir(), "random-kills-"));
  rabbitMq = await startNode();
  clinic = await createClinic({ broker: { amqpUrl: rabbitMq.amqpUrl, managementUrl: rabbitMq.managementUrl! } });
  onTestFailed(() => console.log(clinic.log.join("\n")));
});
afterEach(async () => {
  await clinic.remove();
  await rabbitMq.kill();
  rmSync(folder, { recursive: true });
});

const timeout = 240_000 + rounds * 30_000;
test(`${rounds} rounds of kill -9 under load lose and repeat nothing (SEED=${seed})`, { timeout }, async () => {
  const random = createRandom(seed);
  const services = { producer: await clinic.startProducer(), consumer: await clinic.startConsumer() };
  await clinic.createDoctor();
  await sleep(2_000); // a quorum queue that is younger can lose its leader together with the node

  const load = startLoad();
  for (let round = 0; round < rounds; round++) {
    await sleep(random() * 1_500);
    await killOne(["producer", "consumer", "rabbitmq"][round % 3] as "producer" | "consumer" | "rabbitmq");
  }
  const booked = await load.stop();

  expect(booked.length).toBeGreaterThan(20 * rounds);
  const nothing = { outbox: 0, events: 0, sends: 0, calendar: 0 };
  await expect.poll(() => openWork(booked), { timeout: 180_000, interval: 500 }).toEqual(nothing);
  await expect.poll(() => findFaults(booked), { timeout: 30_000, interval: 2_000 }).toEqual([]);

  async function killOne(name: "producer" | "consumer" | "rabbitmq") {
    if (name === "rabbitmq") {
      await rabbitMq.kill();
      rabbitMq = await startNode();
    } else {
      await services[name].stop("SIGKILL");
      services[name] = await restart[name]();
    }
  }
});

const restart: Record<"producer" | "consumer", () => Promise<Service>> = {
  producer: () => clinic.startProducer(),
  consumer: () => clinic.startConsumer(),
};

/** Books one visit after the other; only what was acknowledged counts. */
function startLoad() {
  const acknowledged: Booked[] = [];
  let running = true;
  const done = (async () => {
    for (let n = 0; running; n++) {
      await book(clinic, n).then((booked) => acknowledged.push(booked), () => {});
      await sleep(20);
    }
  })();
  return {
    async stop() {
      running = false;
      await done;
      return acknowledged;
    },
  };
}

/** What is still to be published, processed by one of the five jobs, sent, or written. */
async function openWork(booked: Booked[]) {
  await endLeasesOfTheDead();
  const sql = clinic.consumerSql;
  const [published] = await clinic.producerSql`SELECT count(*)::int AS outbox FROM outbox`;
  const [processed] = await sql`
    SELECT
      ${5 * booked.length}::int - (
        SELECT count(*)::int FROM inbox WHERE aggregate_id IN ${sql(booked.map(({ id }) => id))}
      ) AS events,
      (SELECT count(*)::int FROM sends WHERE state IN ('pending', 'sending')) AS sends,
      (SELECT count(*)::int FROM calendar_intents WHERE state = 'pending') AS calendar`;
  return { ...published, ...processed };
}

/** What a killed consumer had in its hands is free, or unknown, when its lease of two minutes ends: now, here. */
async function endLeasesOfTheDead() {
  const sql = clinic.consumerSql;
  const takenLongAgo = sql`now() + interval '110 seconds'`;
  await sql`UPDATE sends SET lease_until = now() WHERE state = 'sending' AND lease_until < ${takenLongAgo}`;
  await sql`UPDATE calendar_intents SET leased_until = now() WHERE state = 'pending' AND leased_until < ${takenLongAgo}`;
}

async function findFaults(booked: Booked[]): Promise<string[]> {
  const faults = await Promise.all(booked.map(findFault));
  return faults.filter((fault) => fault !== undefined);
}

/** Each database effect exactly once; each mail at most once, and a missing one is known to be unknown. */
async function findFault(booked: Booked): Promise<string | undefined> {
  const { patientMails, doctorMails, ...effects } = await countEffects(clinic, booked);
  const mails = patientMails + doctorMails;
  const [unknown] = await clinic.consumerSql<[{ count: number }]>`
    SELECT count(*)::int FROM sends
    WHERE appointment_id = ${booked.id} AND channel = 'email' AND state = 'unknown'`;
  const { patientMails: _, doctorMails: __, ...once } = eachOnce;
  const isRight = patientMails <= 1 && doctorMails <= 1 && mails + unknown.count >= 2 &&
    JSON.stringify(effects) === JSON.stringify({ ...effects, ...once });
  return isRight ? undefined : `${booked.id} ${JSON.stringify({ mails, unknown: unknown.count, ...effects })}`;
}
